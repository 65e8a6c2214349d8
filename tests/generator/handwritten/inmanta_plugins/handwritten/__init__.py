"""A module that is written by hand, in the style in which such modules are written."""
