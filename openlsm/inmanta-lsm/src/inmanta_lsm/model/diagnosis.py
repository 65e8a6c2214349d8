"""The data model of a diagnosis, as it travels over the API."""

import datetime
import uuid

from inmanta.ast.export import Error as CompileError
from inmanta.data.model import BaseModel

__all__ = ["CompileError", "Failure", "FailureGroup", "FullDiagnosis", "Rejection"]


class Rejection(BaseModel):
    """
    A compile that refused a version of a service instance.

    :param instance_version: the version of the instance that was refused
    :param model_version: the model version of the compile, None as a validation does not produce one
    :param compile_id: the compile
    :param errors: what the compiler reported
    :param error: the first of the errors, for clients that show only one
    :param trace: the error output of the stage that failed
    """

    instance_version: int
    model_version: int | None = None
    compile_id: uuid.UUID
    errors: list[CompileError]
    error: CompileError | None = None
    trace: str | None = None


class Failure(BaseModel):
    """
    A failed deployment of a resource.

    :param resource_id: the id of the resource, with version
    :param instance_version: the version of the instance the resource was deployed for
    :param model_version: the model version that was deployed
    :param message: the error that the handler logged last
    """

    resource_id: str
    instance_version: int
    model_version: int
    time: datetime.datetime
    message: str


class FailureGroup(BaseModel):
    """
    The failures of one resource.

    :param resource_id: the id of the resource, with version
    """

    resource_id: str
    failures: list[Failure]


class FullDiagnosis(BaseModel):
    """Everything that went wrong with a service instance in the versions that were examined."""

    failures: list[FailureGroup]
    rejections: list[Rejection]
