"""Edits: changes of an attribute set, addressed by dict path."""

from enum import StrEnum
from typing import Any

from inmanta.data.model import BaseModel
from pydantic import Field


class AttributeSetName(StrEnum):
    """The three attribute sets of a service instance."""

    candidate_attributes = "candidate_attributes"
    active_attributes = "active_attributes"
    rollback_attributes = "rollback_attributes"


class EditOperation(StrEnum):
    """What an edit does with its target."""

    replace = "replace"  # type: ignore[assignment]  # str has a method of this name
    remove = "remove"
    merge = "merge"


class PatchCallEdit(BaseModel):
    """
    One change of an attribute set.

    :param edit_id: the name of the edit, which error messages refer to
    :param operation: The operation. One that is not an :class:`EditOperation` is refused where the edit is applied, so
        that the error can name the edit.
    :param target: the dict path of what changes, ``.`` for the whole set
    :param value: the new value, null for a removal
    """

    edit_id: str
    operation: EditOperation | str = Field(union_mode="left_to_right")
    target: str
    value: Any = None
