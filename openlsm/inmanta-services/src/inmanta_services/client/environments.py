"""The environments of an orchestrator."""

import uuid

from inmanta.data.model import Environment as Environment
from inmanta.data.model import EnvironmentSettingsReponse, EnvSettingType
from inmanta.data.model import Project as Project

from inmanta_services.client.calls import Calls


class Environments:
    """The environments of an orchestrator, with their settings."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def all(self) -> list[Environment]:
        """The environments that may be seen: where the token is made for one, that one."""
        if self._calls.scope is not None:
            return [await self.get(self._calls.scope)]
        return await self._calls.call(list[Environment], "environment_list")

    async def get(self, environment: uuid.UUID) -> Environment:
        """
        An environment.

        :param environment: its id.
        """
        return await self._calls.call(Environment, "environment_get", id=environment)

    async def create(self, name: str, environment: uuid.UUID | None = None) -> Environment:
        """
        Make an environment, in a project of the same name.

        :param name: of both.
        :param environment: id of the environment, a random one by default.
        """
        project = await self._calls.call(Project, "project_create", name=name)
        return await self._calls.call(
            Environment, "environment_create", project_id=project.id, name=name, environment_id=environment
        )

    async def delete(self, environment: uuid.UUID) -> None:
        """
        Delete an environment with all that is in it; what it deployed stays where it is.

        :param environment: its id.
        """
        await self._calls.call(object, "environment_delete", id=environment)

    async def setting(self, environment: uuid.UUID, name: str) -> EnvSettingType:
        """
        The value of a setting, or its default.

        :param environment: id of the environment.
        :param name: of the setting.
        """
        answer = await self._calls.call(EnvironmentSettingsReponse, "environment_setting_get", tid=environment, id=name)
        return answer.settings[name]

    async def set_setting(self, environment: uuid.UUID, name: str, value: EnvSettingType) -> None:
        """
        Give a setting a value.

        :param environment: id of the environment.
        :param name: of the setting.
        """
        await self._calls.call(object, "environment_settings_set", tid=environment, id=name, value=value)
