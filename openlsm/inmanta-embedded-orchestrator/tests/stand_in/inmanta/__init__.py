"""Takes the place of inmanta in a Python whose path begins with the folder of this one."""
