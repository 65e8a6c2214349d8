"""The project of an environment, loaded once for many compiles."""

import contextlib
import gc
import logging
import signal
import sys
import threading
from array import array
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import MethodType

from inmanta_warm_compiler.messages import Message
from inmanta_warm_compiler.process import ahead, gaps, kernel
from inmanta_warm_compiler.process.definitions import Definitions
from inmanta_warm_compiler.process.environment import Variables
from inmanta_warm_compiler.process.observer import Observer
from inmanta_warm_compiler.process.output import Recording, Tape
from inmanta_warm_compiler.process.replacement import replace
from inmanta_warm_compiler.watch import Watch

PROGRAM = "inmanta.app"
"""The module that a cold compile runs."""

_HARMLESS = ("/dev/null", "/dev/random", "/dev/urandom")


class RefusedError(Exception):
    """Why a project has to compile cold, in a sentence."""


class Project:
    """
    A project with its model read, its plugins imported and its types defined.

    Loading it leaves the same behind as the beginning of a cold compile would, or is refused.

    :param watch: the files that were read
    :param variables: the environment variables that were read
    :param written: the memory that a compile of it writes to, as :func:`pages.own` gives it; nothing before the first one
    """

    def __init__(self, arguments: Sequence[str], folder: str) -> None:
        """
        :param arguments: of a compile of the project, for the program that runs it
        :param folder: of the project, which is the working directory
        """
        self.watch = Watch()
        self.variables = Variables()
        self.written = array("Q")
        self._arguments = arguments
        self._folder = folder
        self._descriptors = kernel.open_descriptors()
        self._observer = Observer(self.watch)
        self._tape = Tape()
        self._startup = Recording(self._tape)
        self._start = Recording(self._tape)
        self._construction = Recording(self._tape)
        self._loading = Recording(self._tape)
        self._definitions = Definitions(self._tape)

    def load(self) -> None:
        """
        Load it.

        :raises RefusedError: when it cannot be kept for several compiles
        """
        folder = Path.cwd()
        self._observer.begin()
        self.variables.observe()
        try:
            with self._startup.printing():
                self._import_inmanta()
            self._load_project()
        finally:
            self.variables.conclude()
            self._observer.end()
            self._watch_what_nobody_opened()
        if Path.cwd() != folder:
            raise RefusedError(f"a module changes the working directory to {Path.cwd()} when it is imported")
        self._refuse_what_forks_cannot_share()
        self.watch.seal()
        gc.collect()
        self._filling = gaps.fill()
        gc.freeze()
        kernel.give_back_memory()

    def difference(self, request: Message) -> str | None:
        """
        Compare where a compile is to run with where this was loaded.

        :param request: the compile
        :return: a sentence about the first difference that matters; None when there is none
        """
        if request["folder"] != self._folder:
            return f"the project is in {request['folder']} now"
        return self.variables.change(request["environment"])

    def take_note(self, written: Sequence[int]) -> None:
        """:param written: the memory that a compile of it wrote to, when that was not known"""
        self.written = self.written or array("Q", written)

    def hand_over(self, give_up: Callable[[str], None]) -> None:
        """
        Have the compile that this process is about to run take this project instead of loading its own.

        :param give_up: called with a reason when it cannot; does not return
        """
        from inmanta.module import Project as InmantaProject

        own = vars(InmantaProject)["get"]

        def get(cls: type[InmantaProject], main_file: str = "main.cf") -> InmantaProject:
            replace(InmantaProject, "get", own)
            # Before, there is nothing worth being collected.
            gc.enable()
            if main_file != self._project.main_file:
                give_up(f"a compile is one of {main_file}, and others of {self._project.main_file}")
            different = self._configuration.difference()
            if different is not None:
                give_up(f"a module reads the option {different} when it is imported, and each compile sets it")
            self._construction.replay()
            InmantaProject._project = self._project
            replace(self._project, "load", MethodType(load, self._project))
            return self._project

        def load(project: InmantaProject, install: bool = False) -> None:
            del vars(project)["load"]
            self._loggers.replay()
            self._warnings.replay()
            self._configuration.replay()
            self._loading.replay()
            project.load(install)

        replace(InmantaProject, "get", classmethod(get))
        ahead.translate_once()
        self._definitions.hand_over()
        # What earlier compiles printed at their start is none of its business.
        self._tape.take()

    def stop_recording(self) -> None:
        """Take note of what the compile has printed so far."""
        with self._start.printing():
            pass

    def begin(self) -> None:
        """Print what the program prints when its modules are imported, and what the compile has printed so far."""
        self._startup.replay()
        self._start.replay()

    def _import_inmanta(self) -> None:
        """Import all that the program imports, but not the program itself: each compile runs it as its main module."""
        import inmanta.app
        import inmanta.command

        self._options, _ = inmanta.app.cmd_parser().parse_known_args(self._arguments)
        for name, command in inmanta.command.Commander.commands().items():
            if getattr(command["function"], "__module__", None) != PROGRAM:
                raise RefusedError(f"the command {name} does not come from {PROGRAM}")
        inmanta.command.Commander.reset()
        ahead.import_modules()
        ahead.look_addresses_up_at_once()
        ahead.measure_headers_of_several_lines_only()
        del sys.modules[PROGRAM], inmanta.app

    def _load_project(self) -> None:
        """Configure inmanta as the program does, and load the project as the compiler does."""
        from inmanta.config import Config
        from inmanta.module import Project as InmantaProject
        from inmanta.warnings import WarningsManager

        from inmanta_warm_compiler.process.interpreter import Configuration, LoggerState, WarningState

        self._configuration = Configuration()
        self._warnings = WarningState()
        Config.load_config(min_c_config_file=self._options.config_file, config_dir=self._options.config_dir)
        logging.captureWarnings(True)
        Config.set("warnings", "default", self._options.warnings)
        WarningsManager.apply_config(Config.get()["warnings"])
        self._configuration.observe()
        with _compile_errors_refused():
            with self._construction.recording():
                self._project = InmantaProject.get(self._options.main_file)
            with self._loading.recording():
                self._loggers = LoggerState()
                self._project.load()
                self._loggers.conclude()
            self._definitions.make()
            ahead.read_code(self._project.modules.values())
        self._warnings.conclude()
        logging.captureWarnings(False)

    def _watch_what_nobody_opened(self) -> None:
        """Watch the files that Python or inmanta read before they were observed, through a cache, or not as files."""
        for module in list(sys.modules.values()):
            file = getattr(module, "__file__", None)
            if file:
                self.watch.add_file(str(Path(file).absolute()))
        for path in (sys.executable, Path(sys.prefix, "pyvenv.cfg"), *_site_files()):
            self.watch.add_file(str(path))
        for entry in sys.path:
            if not Path(entry).is_dir():
                self.watch.add_file(str(Path(entry).absolute()))
        project = getattr(self, "_project", None)
        if project is not None:
            self.watch.add_file(str(Path(project.project_path, project.main_file).absolute()))
            for folder in project.modulepath:
                self.watch.add_folder(str(Path(folder).absolute()))
            for module in project.modules.values():
                self._watch_model(Path(module.path).absolute())

    def _watch_model(self, folder: Path) -> None:
        """:param folder: of an inmanta module"""
        for current, _, files in (folder / "model").walk():
            self.watch.add_folder(str(current))
            for file in files:
                self.watch.add_file(str(current / file))

    def _refuse_what_forks_cannot_share(self) -> None:
        """:raises RefusedError: when a fork would not be like a process of its own"""
        if self._observer.starts:
            raise RefusedError(self._observer.starts[0])
        if kernel.threads() > 1:
            starter = next(iter(self._observer.thread_starters), "a module")
            names = ", ".join(thread.name for thread in threading.enumerate() if thread is not threading.main_thread())
            raise RefusedError(f"{starter} starts a thread ({names or 'not one of Python'}) when it is imported")
        if kernel.has_children():
            raise RefusedError("a module starts a process when it is imported, and leaves it running")
        for descriptor, target in kernel.open_descriptors().items():
            if self._descriptors.get(descriptor) != target and target not in _HARMLESS:
                raise RefusedError(f"a module opens {target} when it is imported, and leaves it open")
        if any(signal.getitimer(which)[0] for which in (signal.ITIMER_REAL, signal.ITIMER_VIRTUAL, signal.ITIMER_PROF)):
            raise RefusedError("a module starts a timer when it is imported")


@contextlib.contextmanager
def _compile_errors_refused() -> Iterator[None]:
    """:raises RefusedError: when what is done inside fails, as it will in the compile itself"""
    try:
        yield
    except (Exception, SystemExit) as error:
        raise RefusedError(
            f"it cannot be loaded ({type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''})"
        ) from error


def _site_files() -> Iterator[Path]:
    """Give the files by which folders get on the path of Python: it reads them when it starts."""
    for entry in sys.path:
        if Path(entry).name in ("site-packages", "dist-packages"):
            yield from Path(entry).glob("*.pth")
