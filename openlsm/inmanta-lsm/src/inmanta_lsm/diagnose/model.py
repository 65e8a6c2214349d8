"""The data model of diagnoses, under its documented import path."""

from inmanta_lsm.model.diagnosis import CompileError, Failure, FailureGroup, FullDiagnosis, Rejection

__all__ = ["CompileError", "Failure", "FailureGroup", "FullDiagnosis", "Rejection"]
