"""The LSM, as an extension of the inmanta server."""
