"""Writing values that were found during a compile to the instance that is being validated."""

import copy
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from inmanta.execute.proxy import DynamicProxy
from inmanta.plugins import PluginException
from inmanta.protocol.common import Result
from inmanta_lsm.model import EditOperation, PatchCallEdit
from inmanta_plugins.lsm import compile_mode, compile_state
from inmanta_plugins.lsm.attribute_path import AttributePath
from inmanta_plugins.lsm.cache import data_of, global_cache
from inmanta_plugins.lsm.compiled_instance import CompiledInstance
from inmanta_plugins.lsm.instance_lookup import look_up_known


def store(compiled: CompiledInstance, values: Mapping[str, Any]) -> None:
    """
    Write values to the candidate attributes of an instance. The rest of the compile sees them too.

    The server copies the active attributes first when there are no candidate attributes. A write sets attributes of elements
    that exist, it never creates an element.

    :param compiled: the instance
    :param values: JSON values by attribute path; nothing is sent when there are none
    :raises PluginException: an element does not exist, attributes of embedded entities cannot be written for this service, or
        the server refused the write
    """
    if not values:
        return
    paths = {AttributePath(text): value for text, value in values.items()}
    candidate = _candidate(compiled)
    _check(compiled, paths, candidate)
    data_of(
        _send_edits(compiled, values) if compiled.binding.strict else _send_attributes(compiled, values),
        f"Writing {', '.join(values)} to {_name(compiled)} failed",
    )
    # They were found before this write.
    compile_state.current().used_values.clear()
    compiled.instance["candidate_attributes"] = candidate
    for view in (candidate, compiled.chosen):
        _apply(paths, view)


def update(service: DynamicProxy, attribute_path: str, value: Any) -> None:
    """
    Keep a read-only attribute up to date with a value that was computed in the model.

    It is written when the service is the one being validated and the value differs from the stored one. An embedded entity that
    was removed keeps what it had.

    :param service: a `lsm::ServiceEntity`
    :param attribute_path: dict path of the attribute
    :param value: the JSON value
    :raises UnsetException, MultiUnsetException: the service is not complete yet; the compiler tries again
    :raises PluginException: see :func:`store`
    """
    path = AttributePath(attribute_path)
    compiled = look_up_known(service)
    if compiled is None or not compiled.validated:
        return
    candidate = _candidate(compiled)
    holder = path.holder(candidate)
    removed = holder is None and path.holder(compiled.previous) is not None
    changed = holder is None or path.name not in holder or holder[path.name] != value
    if changed and not removed:
        store(compiled, {attribute_path: value})


def _candidate(compiled: CompiledInstance) -> dict[str, Any]:
    """The attributes a write applies to; a copy of the active ones when there are no candidate attributes."""
    candidate: dict[str, Any] | None = compiled.instance.get("candidate_attributes")
    return copy.deepcopy(compiled.instance.get("active_attributes") or {}) if candidate is None else candidate


def _check(compiled: CompiledInstance, paths: Iterable[AttributePath], candidate: Mapping[str, Any]) -> None:
    for path in paths:
        if path.embedded and not compiled.binding.strict:
            raise PluginException(
                f"{path.text} of {_name(compiled)} cannot be written: attributes of embedded entities can only be written"
                " when strict_modifier_enforcement is set on the binding of the service."
            )
        if path.holder(candidate) is None:
            raise PluginException(
                f"{path.text} of {_name(compiled)} cannot be written: its candidate attributes have no such element."
            )


def _send_edits(compiled: CompiledInstance, values: Mapping[str, Any]) -> Result[Any]:
    return global_cache.get_client().lsm_services_update_attributes_v2(
        tid=compile_mode.environment(),
        service_entity=compiled.instance["service_entity"],
        service_id=compiled.id,
        current_version=compiled.instance["version"],
        patch_id=str(uuid.uuid4()),
        edit=[
            PatchCallEdit(edit_id=target, operation=EditOperation.replace, target=target, value=value)
            for target, value in values.items()
        ],
    )


def _send_attributes(compiled: CompiledInstance, values: Mapping[str, Any]) -> Result[Any]:
    return global_cache.get_client().lsm_services_update_attributes(
        tid=compile_mode.environment(),
        service_entity=compiled.instance["service_entity"],
        service_id=compiled.id,
        current_version=compiled.instance["version"],
        attributes={AttributePath(text).name: value for text, value in values.items()},
    )


def _apply(paths: Mapping[AttributePath, Any], attributes: Mapping[str, Any] | None) -> None:
    for path, value in paths.items():
        holder = path.holder(attributes)
        if holder is not None:
            # Neither the caller nor the two sets share what is inside the value.
            holder[path.name] = copy.deepcopy(value)


def _name(compiled: CompiledInstance) -> str:
    return f"service instance {compiled.id} ({compiled.instance['service_entity']})"
