"""Values that user interfaces suggest for an attribute."""

import logging
from collections.abc import Sequence
from typing import Any

from inmanta.const import ParameterSource
from inmanta_plugins.lsm import compile_mode
from inmanta_plugins.lsm.cache import global_cache

LOGGER = logging.getLogger(__name__)


def publish(parameter_name: str, values: Sequence[Any]) -> None:
    """
    Store suggested values as metadata of a parameter of the orchestrator.

    Suggestions are no reason to fail a compile: what goes wrong is logged. A validating compile stores nothing, as its outcome
    may be rejected.

    :param parameter_name: name of the parameter
    :param values: the values as JSON data: strings, or dicts with the keys `label` and `value`
    """
    if compile_mode.current().validating:
        return
    try:
        # Of the calls that set a parameter this one takes other metadata than strings, and not only from agents.
        result = global_cache.get_client().set_param(
            tid=compile_mode.environment(),
            id=parameter_name,
            source=ParameterSource.user,
            value="metadata",
            metadata={"values": list(values)},
        )
        failure = None if result.code == 200 else f"{result.code} {result.result}"
    except Exception as exception:  # whatever the reason, the compile goes on
        failure = str(exception)
    if failure is not None:
        LOGGER.warning("The suggested values of parameter %s could not be stored: %s", parameter_name, failure)
