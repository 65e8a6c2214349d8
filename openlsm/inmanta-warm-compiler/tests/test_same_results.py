"""A warm compile gives what a cold one gives: report, exit code, export and compile data."""

from collections.abc import Mapping

import pytest

from .helpers.lab import Lab

pytestmark = pytest.mark.asyncio

RESOURCES = """
entity Thing extends std::PurgeableResource:
    string name
    string agent = "internal"
end
index Thing(name)
implement Thing using std::none
"""

HANDLED = """
from inmanta.resources import PurgeableResource, resource

@resource("lab::Thing", agent="agent", id_attribute="name")
class Thing(PurgeableResource):
    fields = ("name",)
"""


async def assert_same(lab: Lab, *options: str, code: int = 0, variables: Mapping[str, str] | None = None) -> bytes:
    """
    Compile cold and twice warm, and compare.

    :param lab: has the project
    :param options: of the compiles
    :param code: the expected exit code
    :param variables: environment variables of the compiles
    :return: the output of the last compile
    """
    # The first compile writes bytecode and caches, which later ones find.
    await lab.warm()
    cold = await lab.cold(*options, variables=variables)
    assert cold.code == code, cold.errors.decode()
    for number in range(2):
        warm = await lab.warm(*options, variables=variables)
        assert warm.warm, lab.pool.refusals
        assert warm.comparable == cold.comparable, f"compile {number}"
    return warm.output


async def test_resources_are_exported(lab: Lab) -> None:
    lab.write("libs/lab/model/_init.cf", RESOURCES)
    lab.plugin(HANDLED)
    lab.model('for name in ["one", "two"]: lab::Thing(name=name) end')

    await assert_same(lab)

    assert b"lab::Thing[internal,name=two]" in (await lab.warm()).exported


async def test_an_error_in_the_model_has_its_trace_and_its_place(lab: Lab) -> None:
    lab.model("std::equals(1, 2)\nx = 1\nx = 2")

    await assert_same(lab, code=1)

    assert b"main.cf" in (await lab.warm()).data


async def test_an_exception_in_a_plugin_has_its_trace(lab: Lab) -> None:
    lab.prints("1 / 0")

    await assert_same(lab, code=1)

    assert b"ZeroDivisionError" in (await lab.warm()).errors


async def test_an_export_that_fails_has_its_trace(lab: Lab) -> None:
    await assert_same(lab, "--export-plugin", "nonesuch", code=1)


async def test_an_unknown_option_is_refused_in_the_same_words(lab: Lab) -> None:
    await assert_same(lab, "--metadata", code=2)


async def test_an_error_outside_of_the_compile_has_its_trace(lab: Lab) -> None:
    broken = lab.write("logging.yml", "version: none")

    await assert_same(lab, variables={"INMANTA_LOGGING_COMPILER": str(broken)}, code=1)


async def test_what_modules_print_and_log_at_import_is_in_each_report(lab: Lab) -> None:
    lab.prints(
        "'done'",
        before="""
        import logging, os, sys, warnings
        from inmanta.warnings import InmantaWarning
        print("printed")
        print("printed as error", file=sys.stderr)
        logging.getLogger(__name__).warning("logged %s", "it")
        os.write(1, b"written below Python\\n")
        warnings.warn(InmantaWarning("warned"))
        """,
    )

    output = await assert_same(lab)

    for words in (b"printed\n", b"logged it", b"written below Python", b"InmantaWarning: warned", b"done"):
        assert words in output


async def test_what_modules_set_at_import_holds_in_each_compile(lab: Lab) -> None:
    lab.prints(
        "(os.environ['LAB'], Config.get('lab', 'option'), LOGGER.level, len(LOGGER.handlers))",
        before="""
        import logging, os, warnings
        from inmanta.config import Config
        os.environ["LAB"] = "variable"
        Config.set("lab", "option", "configured")
        LOGGER = logging.getLogger("lab")
        LOGGER.setLevel(17)
        LOGGER.addHandler(logging.NullHandler())
        """,
    )

    assert b"('variable', 'configured', 17, 1)" in await assert_same(lab)


async def test_the_program_looks_the_same_from_inside(lab: Lab) -> None:
    lab.prints(
        "(sys.argv, sys.orig_argv, sys.path, sys.flags, os.getcwd(), __import__('__main__').__spec__.name, "
        "gc.isenabled(), threading.active_count(), os.isatty(1), sorted(os.environ), signal.getsignal(signal.SIGINT), "
        "sorted(os.listdir('/proc/self/fd'))[:3])",
        before="import gc, os, signal, sys, threading",
    )

    await assert_same(lab)


@pytest.mark.parametrize("ending", ["sys.exit(7)", "sys.exit('last words')", "os._exit(9)", "os.kill(os.getpid(), 15)"])
async def test_a_plugin_that_ends_the_compile_decides_the_exit_code(lab: Lab, ending: str) -> None:
    lab.prints(ending, before="import os, sys, atexit\natexit.register(print, 'at exit')")
    cold = await lab.cold()

    warm = await lab.warm()

    assert warm.warm
    assert (warm.code, warm.output.count(b"at exit")) == (cold.code, cold.output.count(b"at exit"))


async def test_megabytes_of_output_arrive_whole(lab: Lab) -> None:
    lab.prints("print('0123456789abcdef' * 500_000)")

    assert len(await assert_same(lab)) > 8_000_000


async def test_a_compile_that_forks_ends_when_its_child_has(lab: Lab) -> None:
    lab.prints("os.waitpid(child, 0)[1]", before="import os")
    lab.plugin(
        """
        import os

        @plugin
        def say() -> "string":
            child = os.fork()
            if child == 0:
                print("from the child", flush=True)
                os._exit(3)
            return str(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
        """
    )

    output = await assert_same(lab)

    assert b"from the child" in output
    assert b"\n3\n" in output


async def test_no_compile_sees_what_the_one_before_has_changed(lab: Lab) -> None:
    lab.prints(
        "(sys.seen.append(1), len(sys.seen), os.environ.setdefault('SEEN', str(os.getpid())) == str(os.getpid()))",
        before="import os, sys\nsys.seen = []",
    )

    for _ in range(2):
        warm = await lab.warm()
        assert warm.warm
        assert b"(None, 1, True)" in warm.output


async def test_each_compile_has_its_own_variables(lab: Lab) -> None:
    lab.prints("os.environ['LAB_INSTANCES']", before="import os")

    for instances in ("one two", "three"):
        warm = await lab.warm(variables={"LAB_INSTANCES": instances})
        assert warm.warm
        assert instances.encode() in warm.output
    assert lab.pool.counts.starts == 1
