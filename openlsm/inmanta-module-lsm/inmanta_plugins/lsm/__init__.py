"""Model plugins of the lsm module."""
