"""What went wrong on an orchestrator, for reading."""

from collections.abc import Iterable, Sequence

from inmanta.data.model import CompileDetails
from inmanta_lsm.diagnose.model import FullDiagnosis


def last_lines(text: str | None, count: int = 15) -> str:
    """
    The end of a long text, indented.

    :param text: the text.
    :param count: how many lines at most.
    """
    lines = [line for line in (text or "").splitlines() if line.strip()]
    return "\n".join(f"    {line}" for line in lines[-count:])


def _of_compile(errors: Iterable[str], trace: str | None) -> str:
    """
    What a compile reported: its errors, or its output where it names none.

    :param errors: the messages of the compiler.
    :param trace: its output.
    """
    messages = [f"    {message}" for message in errors]
    return "\n".join(messages) if messages else last_lines(trace)


def explain_diagnosis(diagnosis: FullDiagnosis) -> str:
    """
    A diagnosis of the orchestrator, for reading.

    :param diagnosis: what it found.
    :return: one or more lines; a remark when it found nothing.
    """
    rejections = [
        "The compile was refused:\n" + _of_compile((error.message for error in rejection.errors), rejection.trace)
        for rejection in diagnosis.rejections
    ]
    failures = [
        f"{group.resource_id} could not be deployed:\n{last_lines(failure.message)}"
        for group in diagnosis.failures
        for failure in group.failures
    ]
    # Two versions that were refused for the same reason are one thing to read.
    return "\n".join(dict.fromkeys([*rejections, *failures])) or "The orchestrator knows of no rejection and no failure."


def explain_compiles(compiles: Sequence[CompileDetails]) -> str:
    """
    Compiles that failed, for reading.

    :param compiles: the compiles.
    """
    explained = []
    for compile_ in compiles:
        errors = [error.message for error in compile_.compile_data.errors] if compile_.compile_data else []
        failed = [report for report in compile_.reports or [] if report.returncode]
        trace = (failed[-1].errstream or failed[-1].outstream) if failed else None
        explained.append("A compile failed:\n" + _of_compile(errors, trace))
    return "\n".join(explained)
