"""How the orchestrator asked for this compile: the five LSM environment variables as one value, and the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from inmanta.config import Config
from inmanta.plugins import PluginException
from inmanta_lsm import const
from inmanta_lsm.model import ModelState


@dataclass(frozen=True)
class CompileMode:
    """
    The kind of one compile.

    :param no_instances: the catalog is being exported; no inventory exists as far as the model is concerned
    :param validated: id of the service instance that is being validated, None in an exporting compile
    :param requested: ids of the instances the compile was started for; empty in a full exporting compile
    :param partial: only the instances that belong to the requested ones take part
    """

    no_instances: bool
    validated: str | None
    requested: tuple[str, ...]
    partial: bool

    @property
    def validating(self) -> bool:
        """True for a validating compile, False for an exporting one."""
        return self.validated is not None

    def is_validated(self, instance_id: str) -> bool:
        """
        :param instance_id: id of a service instance
        :return: whether this compile validates that very instance
        """
        return self.validated == instance_id


def parse(environ: Mapping[str, str]) -> CompileMode:
    """
    Read the mode of a compile from its environment variables.

    :param environ: environment variables by name; the ones that are not set mean a full exporting compile
    :raises PluginException: the variables contradict each other
    """
    requested = tuple(environ.get(const.ENV_INSTANCE_ID, "").split())
    model_state = environ.get(const.ENV_MODEL_STATE) or ModelState.active.value
    if model_state not in (ModelState.active.value, ModelState.candidate.value):
        raise PluginException(
            f"Environment variable {const.ENV_MODEL_STATE} is {model_state!r}: set it to"
            f" {ModelState.active.value!r} for an exporting compile or to {ModelState.candidate.value!r} for a validating one."
        )
    validating = model_state == ModelState.candidate.value
    if validating and len(requested) != 1:
        raise PluginException(
            f"A validating compile ({const.ENV_MODEL_STATE}={model_state}) is about exactly one service instance, but"
            f" {const.ENV_INSTANCE_ID} holds {len(requested)} ids: set it to the id of the instance to validate."
        )
    return CompileMode(
        no_instances=_flag(environ, const.ENV_NO_INSTANCES),
        validated=requested[0] if validating else None,
        requested=requested,
        partial=_flag(environ, const.ENV_PARTIAL_COMPILE) and bool(requested),
    )


def current() -> CompileMode:
    """
    The mode of the running compile, read now: tests change the variables between two compiles of one process.

    :raises PluginException: the variables contradict each other
    """
    return parse(os.environ)


def environment() -> str:
    """
    The id of the environment of this compile.

    :raises PluginException: no environment is configured
    """
    configured = Config.get("config", "environment")
    if configured is None:
        raise PluginException(
            "The service instances of an environment are needed, but none is configured: set the option environment in the"
            " section config."
        )
    return str(configured)


def _flag(environ: Mapping[str, str], name: str) -> bool:
    return environ.get(name, "").strip().lower() == "true"
