"""The error for models that cannot be exported to the service catalog."""

from inmanta.ast import CompilerException


class CatalogError(CompilerException):
    """A service of the model cannot be exported to the service catalog."""
