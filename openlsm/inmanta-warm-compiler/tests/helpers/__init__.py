"""What the tests of the extension work with."""
