"""The data model of diagnoses, under its documented import path."""

from inmanta_lsm.model.diagnosis import (
    Failure,
    FailureGroup,
    FullDiagnosis,
    Rejection,
)

__all__ = [
    "Failure",
    "FailureGroup",
    "FullDiagnosis",
    "Rejection",
]
