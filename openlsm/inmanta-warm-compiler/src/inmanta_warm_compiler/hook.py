"""The place in core where a compile gets its runner."""

import importlib.metadata
import inspect
from collections.abc import Callable

from inmanta import data
from inmanta.server.services.compilerservice import CompilerService, CompileRun

from inmanta_warm_compiler.pool import Pool
from inmanta_warm_compiler.runner import WarmCompileRun

_MAJOR_VERSIONS = range(18, 21)
_METHOD = "_get_compile_runner"
_EXPECTED = {
    (CompilerService, _METHOD): ["self", "compile", "project_dir"],
    (CompileRun, "__init__"): ["self", "request", "project_dir"],
    (CompileRun, "run"): ["self", "force_update"],
    (CompileRun, "_run_compile_stage"): ["self", "name", "cmd", "cwd", "env"],
    (CompileRun, "_start_stage"): ["self", "name", "command"],
    (CompileRun, "_end_stage"): ["self", "returncode"],
    (CompileRun, "drain_out"): ["self", "stream"],
    (CompileRun, "drain_err"): ["self", "stream"],
}


def obstacle(compiler: CompilerService) -> str | None:
    """
    Look for what stands in the way of warm compiles in a server.

    :param compiler: its compiler service
    :return: a sentence; None when they are possible
    """
    version = importlib.metadata.version("inmanta-core")
    if int(version.split(".")[0]) not in _MAJOR_VERSIONS:
        return f"inmanta-core {version} is not one of the versions that this extension knows"
    if not isinstance(compiler, CompilerService):
        return f"the compiler service is another one, {type(compiler).__qualname__}"
    for (owner, name), parameters in _EXPECTED.items():
        method = getattr(owner, name, None)
        if method is None or list(inspect.signature(method).parameters) != parameters:
            return f"{owner.__name__}.{name} of inmanta-core {version} is not the one that this extension knows"
    return None


def install(compiler: CompilerService, pool: Pool, report: Callable[[str], None]) -> None:
    """
    Have the compiles of a server run from warm processes.

    :param compiler: its compiler service
    :param pool: has the processes
    :param report: called with what stands in the way when a compile gets another runner than core's
    """
    make = compiler._get_compile_runner

    def runner(request: data.Compile, project_dir: str) -> CompileRun:
        own = make(request, project_dir)
        if type(own) is CompileRun:
            return WarmCompileRun(request, project_dir, pool)
        report(f"compiles are run by another class, {type(own).__qualname__}")
        return own

    vars(compiler)[_METHOD] = runner
