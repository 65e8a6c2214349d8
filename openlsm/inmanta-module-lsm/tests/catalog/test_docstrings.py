"""What a docstring says about an entity and its attributes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from inmanta_plugins.lsm.catalog.docstrings import Documentation, parse


@pytest.mark.parametrize(
    ("docstring", "description", "attributes"),
    [
        (None, None, {}),
        ("", None, {}),
        ("  A service  ", "A service", {}),
        (":attr name: The name", None, {"name": "The name"}),
        (":attr name:", None, {}),
        (
            """
            A service.

            With two paragraphs.

            :attr name: The name,
                which is long,
            and longer.
            :attr size:   How large.

                Really large.
            :attr empty:
            :param other: No attribute.

            The end.
            """,
            "A service.\n\nWith two paragraphs.\n\n:param other: No attribute.\n\nThe end.",
            {"name": "The name, which is long, and longer.", "size": "How large.\n\nReally large."},
        ),
        ("Text :attr name: inside", "Text :attr name: inside", {}),
        ("A\n:attr a: x\n\nB", "A\nB", {"a": "x"}),
    ],
)
def test_attributes_are_described_by_fields_and_the_entity_by_the_rest(
    docstring: str | None, description: str | None, attributes: dict[str, str]
) -> None:
    assert parse(docstring) == Documentation(description, attributes)


@given(st.text())
def test_any_text_can_be_parsed(docstring: str) -> None:
    parsed = parse(docstring)

    assert parsed.description is None or parsed.description.strip()
    assert all(text.strip() for text in parsed.attributes.values())
