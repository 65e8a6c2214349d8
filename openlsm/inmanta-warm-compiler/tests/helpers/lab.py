"""A project, and its compiles: warm ones as the server runs them, and cold ones to compare with."""

import asyncio
import dataclasses
import json
import os
import re
import sys
import textwrap
import uuid
from collections.abc import Mapping
from pathlib import Path

from inmanta_embedded.server import clean_environment
from inmanta_warm_compiler.messages import Request
from inmanta_warm_compiler.pool import Limits, Pool

GENEROUS = Limits(idle=600, memory=4 << 30, start=300, answer=300)

# Durations, what was found in a cache, and places in memory are never the same twice.
_DIFFERENT_EACH_TIME = re.compile(r"\d+\.\d+ seconds|\d+ hits and \d+ misses \(\d+%\)|0x[0-9a-f]{6,}")


@dataclasses.dataclass(frozen=True)
class Outcome:
    """
    What came of a compile.

    :param warm: whether it ran from a warm process; else there is nothing but that: the server runs it cold then
    :param lost: why it has to be run again, cold
    """

    warm: bool
    code: int | None = None
    output: bytes = b""
    errors: bytes = b""
    exported: bytes = b""
    data: bytes = b""
    lost: str | None = None

    @property
    def comparable(self) -> tuple[int | None, str, str, list[dict[str, object]], bytes]:
        """All of it that a warm and a cold compile have to have in common."""
        output, errors = (_DIFFERENT_EACH_TIME.sub("...", text.decode()) for text in (self.output, self.errors))
        # Resources come in the order of places in memory.
        resources = sorted(json.loads(self.exported or "[]"), key=lambda resource: str(resource["id"]))
        return self.code, output, errors, resources, self.data


class Lab:
    """
    A project with one module, ``lab``, and the warm process of its environment.

    :param folder: of the project
    :param environment: its id
    :param limits: of the pool; can be changed
    :param variables: environment variables of each compile; can be changed
    """

    def __init__(self, folder: Path) -> None:
        """:param folder: for the project, and what its compiles write"""
        self.folder = folder / "project"
        self.environment = uuid.uuid4()
        self.limits = GENEROUS
        self.variables: dict[str, str] = {}
        self.pool = Pool(lambda: self.limits)
        self._results = folder
        self.write("project.yml", "name: lab\nmodulepath: libs\npip:\n  use_system_config: true\n")
        self.write("libs/lab/module.yml", "name: lab\nversion: 1.0.0\nlicense: ASL 2.0\n")
        self.write("libs/lab/model/_init.cf", "")
        self.plugin("")
        self.model("")

    def write(self, path: str, content: str) -> Path:
        """
        Write a file of the project.

        :param path: of the file, from the folder of the project
        :param content: of the file; may be indented
        """
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(content))
        return file

    def plugin(self, code: str) -> None:
        """
        Write the plugins of the module.

        :param code: of them
        """
        self.write("libs/lab/plugins/__init__.py", "from inmanta.plugins import plugin\n" + textwrap.dedent(code))

    def prints(self, expression: str, before: str = "") -> None:
        """
        Have the project print something when it compiles.

        :param expression: in Python, what to print
        :param before: code that runs when the plugins are imported
        """
        self.plugin(f"{textwrap.dedent(before)}\n@plugin\ndef say() -> 'string':\n    return str({expression})\n")
        self.model("std::print(lab::say())")

    def model(self, statements: str) -> None:
        """
        Write the model of the project.

        :param statements: behind the import of the module
        """
        self.write("main.cf", f"import lab\n{statements}\n")

    async def warm(self, *options: str, variables: Mapping[str, str] | None = None) -> Outcome:
        """
        Compile as the server does, from a warm process. What it does when that cannot be is left out: to compile cold.

        :param options: more options of the compile
        :param variables: more environment variables for it
        """
        request = self._request(options, variables)
        self.pool.announce(self.environment, uuid.UUID(request["compile"]))
        fork = await self.pool.fork(self.environment, request)
        if fork is None:
            return Outcome(False)
        try:
            code, output, errors = await asyncio.gather(fork.wait(), fork.stdout.read(), fork.stderr.read())
        finally:
            if fork.returncode is None:
                fork.kill()
            self.pool.release(self.environment, fork)
        if fork.has_failed:
            return Outcome(False, lost=fork.lost)
        return self._outcome(True, code, output, errors)

    async def cold(self, *options: str, variables: Mapping[str, str] | None = None) -> Outcome:
        """
        Compile as a server without the extension does.

        :param options: more options of the compile
        :param variables: more environment variables for it
        """
        request = self._request(options, variables)
        process = await asyncio.create_subprocess_exec(
            *request["command"],
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            cwd=request["folder"],
            env=request["environment"],
        )
        output, errors = await process.communicate()
        assert process.returncode is not None
        return self._outcome(False, process.returncode, output, errors)

    def _request(self, options: tuple[str, ...], variables: Mapping[str, str] | None) -> Request:
        for file in ("exported.json", "data.json"):
            (self._results / file).unlink(missing_ok=True)
        command = [
            *(sys.executable, "-m", "inmanta.app", "-vvv", "export", "-X", "-e", str(self.environment), "--partial"),
            *("-j", str(self._results / "exported.json")),
            *("--export-compile-data", "--export-compile-data-file", str(self._results / "data.json")),
            *options,
        ]
        # The order of sets shows in the report, and depends on a seed that each Python chooses for itself.
        environment = {**clean_environment(os.environ), "PYTHONHASHSEED": "0", **self.variables, **(variables or {})}
        return Request(compile=str(uuid.uuid4()), command=command, folder=str(self.folder), environment=environment)

    def _outcome(self, warm: bool, code: int, output: bytes, errors: bytes) -> Outcome:
        exported, data = (
            file.read_bytes() if file.exists() else b""
            for file in (self._results / "exported.json", self._results / "data.json")
        )
        return Outcome(warm, code, output, errors, exported, data)
