"""
The configuration of the module: which keys there are, with which types and defaults.

It is read from ``files/integration-example-config.yml`` of the project that imports the module.
"""

import pathlib
from collections.abc import Mapping
from typing import Annotated, Self
from urllib.parse import unquote, urlsplit

import yaml
from inmanta.module import Project
from inmanta.plugins import PluginException, plugin
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, ValidationError, model_validator

FILE_NAME = "integration-example-config.yml"


def _folder(value: object) -> pathlib.PurePosixPath:
    if isinstance(value, pathlib.PurePosixPath) and value.is_absolute():
        return value
    path = _path(value) if isinstance(value, str) else None
    # What the path names depends on the disk when it goes up, and nothing has a name with a null byte.
    if path is None or not path.startswith("/") or "\0" in path or ".." in path.split("/"):
        raise ValueError(f"{value!r} is not a folder: write file:// followed by an absolute path, like file:///tmp/items")
    # Two slashes in front are a path of its own for Python, but not for the file system.
    return pathlib.PurePosixPath("/", path.lstrip("/"))


def _path(text: str) -> str | None:
    """The path of a ``file://`` url without anything else, or None."""
    try:
        url = urlsplit(text)
        path = unquote(url.path, errors="strict")
    except ValueError:
        return None
    return path if url.scheme == "file" and not (url.netloc or url.query or url.fragment) else None


type Folder = Annotated[pathlib.PurePosixPath, BeforeValidator(_folder), PlainSerializer(lambda path: path.as_uri())]
"""A folder on the orchestrator, written as a ``file://`` url with an absolute path."""


type Name = Annotated[str, Field(min_length=1)]
"""The name of a user or a group; where it is left out, files belong to the user that the orchestrator runs as."""


class Section(BaseModel):
    """A part of the configuration: unknown keys are mistakes, and values are not converted."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    @model_validator(mode="before")
    @classmethod
    def _empty(cls, value: object) -> object:
        # What is left of a section when all of its keys are comments.
        return {} if value is None else value


class IntegerRange(Section):
    """A range of integers, with both ends included."""

    start: int = 0
    end: int = 1000

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.start > self.end:
            raise ValueError(f"start is {self.start}, which is more than end, {self.end}: make start the smaller one")
        return self


class BasicServiceConfig(Section):
    """The configuration of BasicService."""

    unique_id_range: IntegerRange = IntegerRange()


class ImportantCustomerServiceConfig(Section):
    """The configuration of ImportantCustomerService."""

    items_folder: Folder = pathlib.PurePosixPath("/tmp/items")
    orders_folder: Folder = pathlib.PurePosixPath("/tmp/orders")
    service_id_range: IntegerRange = IntegerRange()
    service_item_id_range: IntegerRange = IntegerRange()
    owner: Name | None = None
    group: Name | None = None


class Config(Section):
    """The configuration of the module."""

    basic_service: BasicServiceConfig = BasicServiceConfig()
    important_customer_service: ImportantCustomerServiceConfig = ImportantCustomerServiceConfig()

    @classmethod
    def path(cls) -> pathlib.Path:
        """Where the file is expected in the current project."""
        return pathlib.Path(Project.get().project_path, "files", FILE_NAME)

    @classmethod
    def get(cls) -> Self:
        """
        Read the file of the current project.

        :raises PluginException: the file is missing, or something in it is wrong
        """
        path = cls.path()
        try:
            text = path.read_text(encoding="utf-8")
        except FileNotFoundError:
            raise PluginException(f"{path} does not exist: add it to the project, an empty file is enough.") from None
        except (OSError, UnicodeDecodeError) as error:
            raise PluginException(f"{path} can't be read: {error}.") from error
        return cls._parse(path, text)

    @classmethod
    def _parse(cls, path: pathlib.Path, text: str) -> Self:
        try:
            content = yaml.safe_load(text)
        except yaml.YAMLError as error:
            raise PluginException(f"{path} is not valid YAML: {' '.join(str(error).split())}.") from error
        if not isinstance(content, Mapping | None):
            raise PluginException(f"{path} holds a {type(content).__name__}, not a mapping: write keys with values.")
        try:
            return cls.model_validate(content)
        except ValidationError as error:
            raise PluginException(f"{path}: {_sentence(error)}") from error


def _sentence(error: ValidationError) -> str:
    """The first problem of a configuration, as a sentence that names the key."""
    problem = error.errors(include_url=False)[0]
    key = ".".join(str(part) for part in problem["loc"])
    match problem["type"]:
        case "extra_forbidden":
            return f"there is no key {key}: remove it, or correct its name."
        case "value_error":
            return f"the key {key} is wrong: {problem['ctx']['error']}."
        case "model_type" | "model_attributes_type":
            return f"the key {key} is {problem['input']!r}, not a mapping: write keys with values below it."
        case _:
            return f"the key {key} is {problem['input']!r}: {problem['msg'][0].lower()}{problem['msg'][1:]}."


def _for_model(value: object) -> object:
    """Plain data for the model, where a folder is the path that resources use."""
    match value:
        case BaseModel():
            return {key: _for_model(getattr(value, key)) for key in type(value).model_fields}
        case pathlib.PurePath():
            return str(value)
        case _:
            return value


@plugin
def get_config() -> "dict":  # type: ignore[type-arg]  # the type is one of the inmanta language
    """The configuration of the project, with paths in the place of the urls of folders."""
    return dict[str, object](_for_model(Config.get()))  # type: ignore[call-overload,no-any-return]
