"""A warm compile gives what a cold one gives: report, exit code, export and compile data."""

import pytest

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


async def test_the_help_of_the_command_is_the_same(lab: Lab) -> None:
    assert b"options:" in await assert_same(lab, "--help")


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


async def test_what_the_compiler_says_of_types_is_in_each_report(lab: Lab) -> None:
    lab.write("libs/lab/model/_init.cf", "typedef size as number matching self > 0\nentity Box:\n    size width\nend\n")
    lab.plugin(
        """
        @plugin
        def twice(value: "number") -> "number":
            return 2 * value
        """
    )
    lab.model("implement lab::Box using std::none\nbox = lab::Box(width=2)\nstd::print(lab::twice(box.width))")

    output = await assert_same(lab)

    for words in (b"Found plugin lab::twice", b"Type 'number' is deprecated", b"4\n"):
        assert words in output


async def test_a_value_of_another_type_has_its_trace(lab: Lab) -> None:
    lab.write("libs/lab/model/_init.cf", RESOURCES)
    lab.plugin(HANDLED)
    lab.model("lab::Thing(name=3)")

    await assert_same(lab, code=1)


async def test_a_plugin_finds_the_types_of_the_model(lab: Lab) -> None:
    lab.write("libs/lab/model/_init.cf", RESOURCES)
    lab.plugin(
        HANDLED
        + """
from inmanta.plugins import Context

@plugin
def seen(context: Context) -> "string":
    compiler = context.get_compiler()
    types = context.get_queue_scheduler().get_types()
    things = types["lab::Thing"].get_all_instances()
    return str((sorted(types), sorted(compiler.get_plugins()), compiler.get_ns().get_child("lab").get_full_name(), len(things)))
"""
    )
    lab.model('thing = lab::Thing(name="one")\nstd::print(lab::seen())')

    assert b"lab::Thing" in await assert_same(lab)
