"""What went wrong, as people read it."""

import datetime
import uuid

from inmanta.ast.export import ErrorCategory
from inmanta_lsm.diagnose.model import CompileError, Failure, FailureGroup, FullDiagnosis, Rejection
from inmanta_services.explanation import explain_diagnosis


def rejection(message: str | None = None, trace: str | None = None) -> Rejection:
    """
    A rejection.

    :param message: of the only error that the compiler names; none when it names no error.
    :param trace: its output.
    """
    errors = (
        [CompileError(category=ErrorCategory.runtime, type="inmanta.ast.AttributeException", message=message)]
        if message
        else []
    )
    return Rejection(instance_version=1, compile_id=uuid.uuid4(), errors=errors, trace=trace)


def test_a_rejection_is_told_by_its_message_and_only_once() -> None:
    text = explain_diagnosis(FullDiagnosis(failures=[], rejections=[rejection("the range is used up", "a trace")] * 2))

    assert text == "The compile was refused:\n    the range is used up"


def test_a_rejection_without_message_is_told_by_the_end_of_its_output() -> None:
    trace = "\n".join(f"line {number}" for number in range(100))

    text = explain_diagnosis(FullDiagnosis(failures=[], rejections=[rejection(trace=trace)]))

    assert text.splitlines()[0] == "The compile was refused:"
    assert text.splitlines()[-1] == "    line 99"
    assert len(text.splitlines()) < 20


def test_a_failure_is_told_with_its_resource() -> None:
    failure = Failure(
        resource_id="fs::File[localhost,path=/x],v=1",
        instance_version=3,
        model_version=1,
        time=datetime.datetime.now(datetime.UTC),
        message="no such user",
    )
    group = FailureGroup(resource_id="fs::File[localhost,path=/x],v=1", failures=[failure])

    text = explain_diagnosis(FullDiagnosis(failures=[group], rejections=[]))

    assert text == "fs::File[localhost,path=/x],v=1 could not be deployed:\n    no such user"
