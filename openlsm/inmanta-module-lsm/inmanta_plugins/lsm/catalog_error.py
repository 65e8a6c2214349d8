"""The error for models that can not be exported to the service catalog."""

from inmanta.ast import CompilerException


class CatalogError(CompilerException):
    """A service of the model can not be exported to the service catalog."""
