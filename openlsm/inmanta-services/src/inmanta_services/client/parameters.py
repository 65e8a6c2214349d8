"""The parameters of an environment."""

from typing import Any

from inmanta.data.model import Parameter as Parameter

from inmanta_services.client.calls import EnvironmentCalls


class Parameters:
    """What models and users store in an environment under a name."""

    def __init__(self, calls: EnvironmentCalls) -> None:
        self._calls = calls

    async def suggestions(self, name: str) -> list[Any]:
        """
        The values that a parameter suggests for an attribute.

        :param name: of the parameter.
        :return: each a value, or a dictionary with ``label`` and ``value``; none when there is no such parameter.
        """
        # The filter finds parts of names, too.
        found = await self._calls.page(Parameter, "get_parameters", filter={"name": [name]})
        metadata = next((parameter.metadata for parameter in found.items if parameter.name == name), None)
        values = (metadata or {}).get("values")
        return values if isinstance(values, list) else []
