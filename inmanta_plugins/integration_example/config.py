"""
The configuration of the module: which keys there are, with which types and defaults.

It is read from ``files/integration-example-config.yml`` of the project that imports the module.
"""

import pathlib
import unicodedata
import uuid
from collections.abc import Mapping
from typing import Annotated, Self
from urllib.parse import unquote, urlsplit

from inmanta.module import Project
from inmanta.plugins import PluginException, plugin
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationError,
    model_validator,
)

from inmanta_plugins.integration_example import bounded_yaml, foreign_paths
from inmanta_plugins.integration_example.bounded_yaml import shown

FILE_NAME = "integration-example-config.yml"

# What Linux allows, less what the paths of orders and items add.
LONGEST_PATH = 3_000
LONGEST_NAME = 255

LARGEST = 2**63 - 1


def _folder(value: object) -> pathlib.PurePosixPath:
    if isinstance(value, pathlib.PurePosixPath) and value.is_absolute():
        return value
    path = _path(value) if isinstance(value, str) else None
    # What the path names depends on the disk when it goes up.
    if path is None or not path.startswith("/") or ".." in path.split("/"):
        raise _no_folder(value, "is not a folder")
    if "]" in path or not is_line(path):
        raise _no_folder(value, "is not a folder that a resource can have, as it holds a ] or a control character")
    if len(path.encode()) > LONGEST_PATH or any(len(name.encode()) > LONGEST_NAME for name in path.split("/")):
        raise _no_folder(value, "is not a folder that a file system can have, as it or one of its names is too long")
    # Two slashes in front are a path of its own for Python, but not for the file system.
    return pathlib.PurePosixPath("/", path.lstrip("/"))


def _no_folder(value: object, reason: str) -> ValueError:
    return ValueError(f"{shown(value)} {reason}: write file:// followed by an absolute path, like file:///tmp/items")


def is_line(text: str) -> bool:
    """
    Tell whether a text has no control characters, ends of lines or halves of characters.

    :param text: the text
    """
    return all(unicodedata.category(character) not in ("Cc", "Cs", "Zl", "Zp") for character in text)


def _name(value: str) -> str:
    if not is_line(value) or any(character.isspace() or character in ":/,]" for character in value) or value.startswith("-"):
        raise ValueError(f"{shown(value)} is not the name of a user or a group: it holds a character that none has")
    return value


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


type Name = Annotated[str, Field(min_length=1, max_length=LONGEST_NAME), AfterValidator(_name)]
"""The name of a user or a group; where it is left out, files belong to the user that the orchestrator runs as."""


type Number = Annotated[int, Field(ge=-LARGEST, le=LARGEST)]
"""A number that names of files can hold."""


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

    start: Number = 0
    end: Number = 1000

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
            content = bounded_yaml.read(path)
        except FileNotFoundError:
            raise PluginException(f"{path} does not exist: add it to the project, an empty file is enough.") from None
        except bounded_yaml.FileContentError as error:
            raise PluginException(f"{path} {error}") from error
        if not isinstance(content, Mapping | None):
            raise PluginException(f"{path} holds a {type(content).__name__}, not a mapping: write keys with values.")
        try:
            return cls.model_validate(content)
        except ValidationError as error:
            raise PluginException(f"{path}: {_sentence(error)}") from error


def _sentence(error: ValidationError) -> str:
    """The first problem of a configuration, as a sentence that names the key."""
    problem = error.errors(include_url=False)[0]
    path = ".".join(str(part) for part in problem["loc"])
    key = path if path.isprintable() and len(path) <= 200 else shown(path)
    match problem["type"]:
        case "extra_forbidden":
            return f"there is no key {key}: remove it, or correct its name."
        case "value_error":
            return f"the key {key} is wrong: {problem['ctx']['error']}."
        case "model_type" | "model_attributes_type":
            return f"the key {key} is {shown(problem['input'])}, not a mapping: write keys with values below it."
        case _:
            return f"the key {key} is {shown(problem['input'])}: {problem['msg'][0].lower()}{problem['msg'][1:]}."


def is_compiled_by_a_server(project_path: str) -> bool:
    """
    Tell whether this compile is one of an orchestrator, on the machine where the folders are.

    :param project_path: where the project is; an orchestrator has it in a folder that is named after the environment
    """
    # An orchestrator compiles the project in its working directory.
    *_, environment, folder = ("", *pathlib.Path(project_path).absolute().parts)
    try:
        return folder == "compiler" and str(uuid.UUID(environment)) == environment
    except ValueError:
        return False


def refuse_foreign_folders(config: Config) -> None:
    """
    Refuse to deploy into folders that another user of this machine can turn into something else.

    :raises PluginException: one of them is such a folder
    """
    section = config.important_customer_service
    for key, folder in (("items_folder", section.items_folder), ("orders_folder", section.orders_folder)):
        problem = foreign_paths.problem(folder, section.owner)
        if problem is not None:
            raise PluginException(
                f"{Config.path()}: nothing is deployed into the folder {str(folder)!r} of the key"
                f" important_customer_service.{key}, as {problem}: choose a folder below one of the orchestrator's own."
            )


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
    config = Config.get()
    if is_compiled_by_a_server(Project.get().project_path):
        refuse_foreign_folders(config)
    return dict[str, object](_for_model(config))  # type: ignore[call-overload,no-any-return]
