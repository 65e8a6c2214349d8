"""The intermediate model: plain data about services, free of Python classes on one side and of inmanta text on the other."""
