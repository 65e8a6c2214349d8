"""
Nothing is left behind by a condition: what it leaves out of the model while a service is deleted, or an element removed, is
purged then, unless it is in something that is purged.
"""

import pytest
from service_generator.emit.module import emit_model
from service_generator.errors import DescriptionError

from tests.generator.conftest import Describe, message
from tests.generator.test_rejected_descriptions import SERVICE

READY = SERVICE + '    ready: bool = rw_plus("Whether.", default=False)\n    tags: list[str] = rw_plus("Tags.", default=[])\n'


def made(path: str = 'f"/tmp/{self.name}"', more: str = "") -> str:
    """The construction of a file."""
    return f'fs.File(host=std.Host(name="x", os=std.linux), path={path}, content=""{more})'


def described(declared: str, *lines: str, before: str = "") -> str:
    """A service with a resource, after other lines of its body."""
    body = "".join(f"        {line}\n" for line in lines or (f"return {made()}",))
    return READY + before + f'\n    {declared}\n    def thing(self) -> Reference:\n        "A thing."\n{body}'


def model(describe: Describe, description: str) -> str:
    """The text of the model."""
    (text,) = [text for path, text in emit_model(describe(description)).items() if path.as_posix().endswith("first/_init.cf")]
    return text


@pytest.mark.parametrize(
    ("declared", "lines", "condition"),
    [
        ("@resource(unless=lambda self: self.deleting)", (), None),
        ("@resource(when=lambda self: not self.deleting)", (), None),
        ("@resource(when=lambda self: self.ready & ~self.deleting)", (), "self.ready"),
        ("@resource(unless=lambda self: self.deleting or self.ready)", (), "not self.ready"),
        ("@resource(unless=lambda self: self.deleting and self.ready)", (), None),
        ("@resource(when=lambda self: self.ready or not self.deleting)", (), None),
        ("@resource", ("if not self.deleting:", f"    yield {made()}"), None),
        ("@resource", ("if self.ready and not self.deleting:", f"    yield {made()}"), "self.ready"),
        (
            "@resource",
            (
                "if self.deleting:",
                f"    yield {made(more=', purged=False')}",
                "else:",
                f"    yield {made()}",
            ),
            "self.purge_resources",
        ),
    ],
)
def test_what_is_left_out_while_the_service_is_deleted_is_purged(
    describe: Describe, declared: str, lines: tuple[str, ...], condition: str | None
) -> None:
    text = model(describe, described(declared, *lines))

    implementation = text[text.index("implementation shop_resources") : text.index("implement Shop ")]
    conditions = [line.strip() for line in implementation.splitlines() if line.strip().startswith("if ")]
    own = [line for line in conditions if "purged" not in line and "_previous" not in line and " in " not in line]
    assert own[:1] == ([] if condition is None else [f"if {condition}:"])
    assert "purged=self.purge_resources," in implementation
    assert "not self.purge_resources" not in implementation


def test_a_part_asks_its_service(describe: Describe) -> None:
    text = model(
        describe,
        f"""
class Item(Embedded):
    "An item."

    shop: "Shop" = parent()
    name: str = rw("Name.", key=True)

    @resource(unless=lambda self: self.shop.deleting)
    def thing(self) -> Reference:
        "A thing."
        return {made()}
{SERVICE}
    items: list[Item] = rw_plus("Items.")

    @resource
    def more(self) -> Reference:
        "More things."
        for item in self.items:
            if not item.deleting:
                yield {made('f"/tmp/more/{item.name}"')}
""",
    )

    assert "purged=self.purge_resources or self._removed," in text
    assert "purged=self.purge_resources or item._removed," in text
    assert "not self._shop.purge_resources" not in text
    assert "not item.purge_resources" not in text


def folder(declared: str = "@resource", more: str = "") -> str:
    """A folder of the service."""
    return f'''
    {declared}
    def folder(self) -> Reference:
        "A folder."
        return fs.Directory(host=std.Host(name="x", os=std.linux), path=f"/tmp/{{self.name}}"{more})
'''


@pytest.mark.parametrize("path", ['f"{self.folder.path}/a"', 'self.folder.path + "/a"', 'self.folder.path + "/a" + self.name'])
def test_what_is_in_something_that_is_purged_goes_with_it(describe: Describe, path: str) -> None:
    made_in = f"return {made(path, more=', requires=[self.folder]')}"
    text = model(describe, described("@resource(unless=lambda self: self.deleting)", made_in, before=folder()))

    assert text.count("if not self.purge_resources:") == 1
    assert text.count("purged=self.purge_resources,") == 1


@pytest.mark.parametrize(
    "other", [folder("@resource(owned=False)"), folder(more=", purged=False"), folder(more=", purged=self.ready")]
)
def test_what_is_in_something_that_stays_is_purged(describe: Describe, other: str) -> None:
    made_in = f"return {made('f"{self.folder.path}/a"')}"
    text = model(describe, described("@resource(unless=lambda self: self.deleting)", made_in, before=other))

    assert "if not self.purge_resources:" not in text
    assert text.count("purged=self.purge_resources,") == 1


def test_a_description_can_say_itself_when_something_is_purged(describe: Describe) -> None:
    text = model(
        describe,
        described("@resource(unless=lambda self: self.deleting)", f"return {made(more=', purged=self.ready')}"),
    )

    assert "if not self.purge_resources:" in text
    assert "purged=self.ready," in text


def test_what_something_that_is_purged_needs_is_there_then(describe: Describe) -> None:
    text = model(
        describe,
        described(
            "@resource(unless=lambda self: self.deleting)",
            'return fs.File(host=self.host, path="/tmp/x", content="")',
            before="""
    @helper(unless=lambda self: self.deleting)
    def host(self) -> Reference:
        "A host."
        return std.Host(name="x", os=std.linux)
""",
        ),
    )

    assert "self.host = std::Host(" in text
    assert "if not self.purge_resources:" not in text


PARTS = (
    """
class Item(Embedded):
    "An item."

    shop: "Shop" = parent()
    name: str = rw("Name.", key=True)
"""
    + SERVICE
    + '    items: list[Item] = rw_plus("Items.")\n'
)


def test_what_is_only_there_for_elements_that_stay_is_purged_for_others(describe: Describe) -> None:
    text = model(
        describe,
        PARTS
        + """
    @resource
    def things(self) -> Reference:
        "Things."
        for item in self.items:
            if not item.removed:
                yield """
        + made('f"/tmp/{item.name}"'),
    )

    assert "if not item._removed:" in text
    assert 'if not (was in [f"/tmp/{item_2.name}" for item_2 in self.items if not item_2._removed]):' in text


def test_what_goes_with_its_service_does_not_stay_when_its_element_goes(describe: Describe) -> None:
    resource = f"""
    @resource(when=lambda self: not self.removed and not self.deleting)
    def thing(self) -> Reference:
        "A thing."
        return {made('f"{self.shop.folder.path}/{self.name}"')}
"""
    text = model(describe, PARTS.replace("class Shop", f"{resource}\n\nclass Shop") + folder())

    assert "if not self._removed and not self.purge_resources:" in text
    assert "before = fs::File(" in text


def test_what_cannot_be_found_again_is_not_left_out_with_its_element(describe: Describe) -> None:
    with pytest.raises(DescriptionError) as error:
        describe(
            PARTS
            + """
    routers: list["Router"] = rw_plus("Routers.")

    @resource
    def things(self) -> Reference:
        "Things."
        for item in self.items:
            if not item.removed:
                yield """
            + made('f"/tmp/{len(self.routers)}/{item.name}"')
            + SERVICE.replace("Shop", "Router")
        )

    assert message(error.value) == (
        "Shop.things: an element that an update removes would leave it behind: the condition leaves it out just then. Take "
        "removed out of the condition, since it is purged with its element, or say yourself when it is with purged=."
    )
