"""The compiles of an environment."""

import uuid

from inmanta.data.model import CompileDetails, CompileReport

from inmanta_services.client.calls import EnvironmentCalls
from inmanta_services.client.paging import START, Cursor, Page


class Compiles:
    """The compiles of an environment: those that ran, the one that runs, those that wait."""

    def __init__(self, calls: EnvironmentCalls) -> None:
        self._calls = calls

    async def page(self, *, sort: str = "requested.desc", limit: int = 20, at: Cursor = START) -> Page[CompileReport]:
        """
        A page of the compiles.

        :param sort: ``requested.desc`` or ``requested.asc``.
        :param limit: how many at most.
        :param at: which page.
        """
        return await self._calls.page(CompileReport, "get_compile_reports", sort=sort, limit=limit, **at.arguments())

    async def get(self, compile_id: uuid.UUID) -> CompileDetails:
        """
        A compile with its stages and its errors.

        :param compile_id: its id.
        """
        return await self._calls.call(CompileDetails, "compile_details", id=compile_id)

    async def request(self, *, update: bool = False) -> None:
        """
        Have the project compiled and exported.

        :param update: whether the project and its modules are brought up to date first.
        """
        await self._calls.whole.call(object, "notify_change", id=self._calls.environment, update=update)
