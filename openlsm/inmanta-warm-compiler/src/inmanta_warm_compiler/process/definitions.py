"""
The types of a model, defined before the fork: entities, relations, plugins and implementations are the same in each compile of
a project, and to define them takes longer than to evaluate a model of one service instance.

Core does it in two calls, which it also makes without evaluating a model (``inmanta.compiler.get_types_and_scopes``).
"""

from typing import TYPE_CHECKING, Any

from inmanta_warm_compiler.process.output import Recording, Tape
from inmanta_warm_compiler.process.replacement import replace

if TYPE_CHECKING:
    from inmanta.ast.blocks import BasicBlock
    from inmanta.ast.statements import Statement


class Definitions:
    """What the compiler makes of a project that is loaded, until it evaluates the model."""

    def __init__(self, tape: Tape) -> None:
        """:param tape: the output of this process"""
        self._reading = Recording(tape)
        self._defining = Recording(tape)

    def make(self) -> None:
        """
        Define all types of the project that is loaded.

        :raises CompilerException: when they are not right
        """
        from inmanta.compiler import Compiler
        from inmanta.execute.scheduler import Scheduler

        compiler, scheduler = Compiler(), Scheduler()
        new_compiler, new_scheduler = dict(vars(compiler)), dict(vars(scheduler))
        with self._reading.recording():
            self._statements, self._blocks = compiler.compile()
        self._read = _changes(compiler, new_compiler)
        with self._defining.recording():
            scheduler.define_types(compiler, self._statements, self._blocks)
        self._compiler = _changes(compiler, new_compiler)
        self._scheduler = _changes(scheduler, new_scheduler)

    def hand_over(self) -> None:
        """Have the compile that this process is about to run take these instead of making its own."""
        from inmanta.compiler import Compiler
        from inmanta.execute.scheduler import Scheduler
        from inmanta.module import Project

        read, define = Compiler.compile, Scheduler.define_types

        def compile_(compiler: Compiler) -> "tuple[list[Statement], list[BasicBlock]]":
            replace(Compiler, "compile", read)
            # Where core loads it: from here on a compile prints what it prints when it does.
            Project.get().load()
            vars(compiler).update(self._read)
            self._reading.replay()
            return self._statements, self._blocks

        def define_types(scheduler: Scheduler, compiler: Compiler, statements: object, blocks: object) -> None:
            replace(Scheduler, "define_types", define)
            vars(compiler).update(self._compiler)
            vars(scheduler).update(self._scheduler)
            self._defining.replay()

        replace(Compiler, "compile", compile_)
        replace(Scheduler, "define_types", define_types)


def _changes(thing: object, before: dict[str, Any]) -> dict[str, Any]:
    """
    :param thing: an object
    :param before: the attributes that it had
    :return: those that it has now and that are other objects
    """
    return {name: value for name, value in vars(thing).items() if value is not before.get(name)}
