"""A warm compile gives what a cold one gives: report, exit code, export and compile data."""

import signal
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from .helpers.comparison import assert_same
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


PRINTS = """
import logging, os, sys, warnings
from inmanta.config import Config
from inmanta.plugins import Context
from inmanta.warnings import InmantaWarning

print("printed")
print("printed as error", file=sys.stderr)
logging.getLogger(__name__).warning("logged %s", "it")
os.write(1, b"written below Python\\n")
warnings.warn(InmantaWarning("warned"))

os.environ["LAB"] = "variable"
Config.set("lab", "option", "configured")
LOGGER = logging.getLogger("lab")
LOGGER.setLevel(17)
LOGGER.addHandler(logging.NullHandler())

@plugin
def was_set() -> "string":
    return str((os.environ["LAB"], Config.get("lab", "option"), LOGGER.level, len(LOGGER.handlers)))

@plugin
def twice(value: "number") -> "number":
    return 2 * value

@plugin
def seen(context: Context) -> "string":
    compiler = context.get_compiler()
    types = context.get_queue_scheduler().get_types()
    things = types["lab::Thing"].get_all_instances()
    return str((sorted(types), sorted(compiler.get_plugins()), compiler.get_ns().get_child("lab").get_full_name(), len(things)))
"""

MODEL = """
for name in ["one", "two"]: lab::Thing(name=name) end
implement lab::Box using std::none
box = lab::Box(width=2)
std::print(lab::was_set())
std::print(lab::twice(box.width))
std::print(lab::seen())
"""


async def test_all_that_a_compile_tells_and_exports_is_the_same(lab: Lab) -> None:
    types = "typedef size as number matching self > 0\nentity Box:\n    size width\nend\n"
    lab.write("libs/lab/model/_init.cf", RESOURCES + types)
    lab.plugin(HANDLED + PRINTS)
    lab.model(MODEL)

    output = await assert_same(lab)

    printed = (b"printed\n", b"logged it", b"written below Python", b"InmantaWarning: warned")
    held = (b"('variable', 'configured', 17, 1)",)
    said_of_types = (b"Found plugin lab::twice", b"Type 'number' is deprecated", b"4\n")
    found_by_plugins = (b"'lab::Box'", b"'lab::twice'")
    for words in (*printed, *held, *said_of_types, *found_by_plugins):
        assert words in output, words
    assert b"lab::Thing[internal,name=two]" in (await lab.warm()).exported


async def test_interrupts_are_ignored_where_the_server_ignores_them(lab: Lab) -> None:
    """As one that a shell has started in the background."""
    lab.prints("signal.getsignal(signal.SIGINT)", before="import signal")
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        output = await assert_same(lab)
    finally:
        signal.signal(signal.SIGINT, before)

    assert f"{signal.SIG_IGN}\n".encode() in output


async def test_messages_of_several_lines_are_indented_below_their_headers(lab: Lab) -> None:
    lab.prints(
        "logged()",
        before="""
        import logging
        LOGGER = logging.getLogger("lab")

        def logged():
            LOGGER.warning("one\\ntwo\\r\\nthree %s", "three\\u2028four")
            LOGGER.warning("ends with a line\\n")
            try:
                raise ValueError("five")
            except ValueError:
                LOGGER.exception("six")
            return "done"
        """,
    )

    output = await assert_same(lab)

    lines = output.decode().splitlines()
    indents = {line.index(words) for words in ("two", "four", "Traceback") for line in lines if line.lstrip().startswith(words)}
    assert len(indents) == 1, output.decode()
    assert indents.pop() > 0


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def mistaken(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Lab]:
    """A project with a mistake in its model, for compiles that end there or before."""
    lab = Lab(tmp_path_factory.mktemp("mistaken"))
    lab.model("std::equals(1, 2)\nx = 1\nx = 2")
    yield lab
    await lab.pool.close()


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.xdist_group("mistaken")
async def test_an_error_in_the_model_has_its_trace_and_its_place(mistaken: Lab) -> None:
    await assert_same(mistaken, code=1)

    assert b"main.cf" in (await mistaken.warm()).data


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.xdist_group("mistaken")
async def test_an_unknown_option_is_refused_in_the_same_words(mistaken: Lab) -> None:
    await assert_same(mistaken, "--metadata", code=2)


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.xdist_group("mistaken")
async def test_an_error_outside_of_the_compile_has_its_trace(mistaken: Lab) -> None:
    broken = mistaken.write("logging.yml", "version: none")

    await assert_same(mistaken, variables={"INMANTA_LOGGING_COMPILER": str(broken)}, code=1)


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.xdist_group("mistaken")
async def test_the_help_of_the_command_is_the_same(mistaken: Lab) -> None:
    assert b"options:" in await assert_same(mistaken, "--help")


async def test_a_value_of_another_type_has_its_trace(lab: Lab) -> None:
    lab.write("libs/lab/model/_init.cf", RESOURCES)
    lab.plugin(HANDLED)
    lab.model("lab::Thing(name=3)")

    await assert_same(lab, code=1)
