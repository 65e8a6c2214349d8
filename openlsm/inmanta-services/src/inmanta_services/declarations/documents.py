"""Files that declare instances: YAML, one document an instance."""

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from inmanta_services.errors import ServicesError
from inmanta_services.naming import as_id
from inmanta_services.yaml_documents import read_all

SUFFIXES = (".yml", ".yaml")
_KEYS = {"service", "id", "attributes"}


@dataclass(frozen=True)
class Declaration:
    """
    An instance as a file declares it.

    :ivar service: its service.
    :ivar attributes: what the author wrote.
    :ivar origin: the document, for messages.
    :ivar id: its id where the service has no identity, or where the author chose it.
    :ivar file: where it is.
    :ivar is_alone: whether there is nothing else in that file.
    """

    service: str
    attributes: Mapping[str, Any]
    origin: str
    id: uuid.UUID | None = None
    file: Path | None = None
    is_alone: bool = True


def read(path: Path) -> list[Declaration]:
    """
    Read what a file or all files in a folder declare. Files and folders whose name starts with a dot are left out.

    :param path: the file or folder.
    :raises ServicesError: when something cannot be read or declares nothing; names the document.
    """
    if not path.exists():
        raise ServicesError(f"There is no file or folder {path}.")
    if not path.is_dir():
        return list(_documents(path))
    files = [
        file
        for file in sorted(path.rglob("*"))
        if file.suffix in SUFFIXES and not any(part.startswith(".") for part in file.relative_to(path).parts)
    ]
    return [declaration for file in files for declaration in _documents(file)]


def _documents(file: Path) -> Iterator[Declaration]:
    """
    The declarations in a file.

    :param file: the file.
    """
    documents = read_all(file)
    is_alone = len(documents) == 1
    for number, document in enumerate(documents, start=1):
        if document is not None:
            found = declaration(document, str(file) if is_alone else f"{file}, document {number}")
            yield replace(found, file=file, is_alone=is_alone)


def declaration(document: object, origin: str) -> Declaration:
    """
    Read a document.

    :param document: as YAML gives it.
    :param origin: how messages name it.
    :raises ServicesError: when it declares no instance.
    """
    if not isinstance(document, dict):
        raise ServicesError(f"{origin} declares no instance: write the keys service and attributes.")
    unknown = [str(key) for key in document if key not in _KEYS]
    if unknown:
        raise ServicesError(f"{origin} has a key {unknown[0]!r}; the keys are service, attributes and, if needed, id.")
    service, attributes, given_id = document.get("service"), document.get("attributes", {}), document.get("id")
    if not isinstance(service, str) or not service:
        raise ServicesError(f"{origin} does not say of which service the instance is: write service: NAME.")
    if not isinstance(attributes, dict) or not all(isinstance(key, str) for key in attributes):
        raise ServicesError(f"{origin} has no attributes by name: write attributes: followed by NAME: VALUE.")
    chosen = as_id(str(given_id)) if given_id is not None else None
    if given_id is not None and chosen is None:
        raise ServicesError(f"{origin} has the id {given_id!r}, which is none: write 32 hexadecimal digits with dashes.")
    return Declaration(service, attributes, origin, chosen)
