"""Python side of a module that is only made by a test."""
