"""What lsm::format makes of a format, and where it leads no further."""

import pytest
from pytest_inmanta.plugin import Project

MODEL = """
import lsm
import std

entity Part:
    string name
end
Part.inner [0:1] -- Part
implement Part using std::none

part = Part(name="a", inner=Part(name="b"))
std::print(lsm::format({format}, args=[part, 3], kwargs={{"item": {{"name": "n", "list": [3, "two"]}}, "text": "x"}}))
"""


@pytest.mark.parametrize(
    ("fmt", "text"),
    [
        ("{0.name} {0.inner.name}", "a b"),
        ("{1} {item[list][1]}", "3 two"),
        ("{item[name]} {item[list][0]}", "n 3"),
        ("{text:>3}|{text!r}|{text:{1}}", "  x|'x'|x  "),
        ("{{no field}}", "{no field}"),
    ],
)
def test_a_field_leads_to_values_of_the_model(project: Project, fmt: str, text: str) -> None:
    project.compile(MODEL.format(format=f'"{fmt}"'))

    assert text in str(project.get_stdout())


@pytest.mark.parametrize(
    "fmt",
    [
        "{text.__class__}",
        "{0.__class__.__init__.__globals__}",
        "{0._type}",
        "{0._get_instance}",
        "{0.unwrap}",
        "{0.name.__class__}",
        "{0.inner.__dict__}",
        "{1.__class__}",
        "{1.real}",
        "{item.keys}",
        "{item.__init__.__globals__[sys]}",
        "{item[name].format}",
        "{text:{item.__class__}}",
    ],
)
def test_a_field_does_not_lead_into_the_interpreter(project: Project, fmt: str) -> None:
    with pytest.raises(Exception, match="lsm::format cannot follow"):
        project.compile(MODEL.format(format=f'"{fmt}"'))


@pytest.mark.parametrize("fmt", ["{text:>99999999999}", "{text:20000}", "{1:.99999999f}"])
def test_a_text_is_not_made_wider_than_anybody_reads(project: Project, fmt: str) -> None:
    with pytest.raises(Exception, match="at most 10000 characters wide"):
        project.compile(MODEL.format(format=f'"{fmt}"'))
