"""
Allocators that are called from the model: plain functions that find a value for an attribute of a service.

This module is part of the interface: modules with services decorate their allocators with :func:`allocator`.
"""

import functools
import inspect
from collections.abc import Callable
from typing import Any

from inmanta.execute.proxy import DynamicProxy
from inmanta.plugins import PluginException, plugin
from inmanta_plugins.lsm import compile_state
from inmanta_plugins.lsm.attribute_path import AttributePath
from inmanta_plugins.lsm.attribute_store import store
from inmanta_plugins.lsm.compiled_instance import CompiledInstance
from inmanta_plugins.lsm.instance_lookup import look_up_known
from inmanta_plugins.lsm.json_values import to_json

_NULLABLE = ("any", "null", "expression")


def allocator[F: Callable[..., Any]]() -> Callable[[F], F]:
    """
    Turn a function into an allocator: a model plugin that returns the value of an attribute, and finds one when there is none.

    The function takes the service and the path of the attribute, then any keyword-only parameters, and returns the value. It is
    only run in a validating compile, for the instance that is validated, when the attribute is not set; its result is written
    to the candidate attributes at once. In all other cases the plugin returns the value that is stored, or null. The plugin is
    registered in the namespace of the module that defines the function.

    :raises TypeError: the function does not have the parameters of an allocator
    """

    def decorate(function: F) -> F:
        signature = _checked_signature(function)

        @functools.wraps(function)
        def allocate(*args: Any, **kwargs: Any) -> Any:
            call = signature.bind(*args, **kwargs)
            call.apply_defaults()
            service, attribute_path = call.args
            return _allocate(service, AttributePath(attribute_path), lambda: function(*call.args, **call.kwargs))

        # The compiler takes the types of the parameters from here.
        nullable = signature.replace(return_annotation=_nullable(signature.return_annotation))
        allocate.__signature__ = nullable  # type: ignore[attr-defined]
        return plugin(allocate)  # type: ignore[return-value]

    return decorate


def _allocate(service: DynamicProxy, path: AttributePath, find: Callable[[], Any]) -> Any:
    # Everything that may not be known yet is read first: the compiler may run this several times, but writes only once.
    compiled = look_up_known(service)
    if compiled is None or compiled.chosen is None:
        return None
    if path.holder(compiled.chosen) is None:
        return _removed_value(compiled, path)
    without_value = compile_state.current().without_value
    stored = path.value(compiled.chosen)
    if stored is not None or not compiled.validated or (compiled.id, path.text) in without_value:
        return stored
    value = to_json(find())
    if value is None:
        without_value.add((compiled.id, path.text))
    else:
        store(compiled, {path.text: value})
    return value


def _removed_value(compiled: CompiledInstance, path: AttributePath) -> Any:
    """The value of an element that is not there any more: it keeps what it had, so that it can be cleaned up."""
    if compiled.validated and path.holder(compiled.previous) is None:
        raise PluginException(
            f"No value can be allocated for {path.text} of service instance {compiled.id}"
            f" ({compiled.instance['service_entity']}): its attributes have no such element."
        )
    return path.value(compiled.previous)


def _checked_signature(function: Callable[..., Any]) -> inspect.Signature:
    signature = inspect.signature(function)
    kinds = [parameter.kind for parameter in signature.parameters.values()]
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    leading = list(signature.parameters.values())[:2]
    if (
        len(leading) < 2
        or any(kind not in positional for kind in kinds[:2])
        or any(kind is not inspect.Parameter.KEYWORD_ONLY for kind in kinds[2:])
        or leading[0].default is not inspect.Parameter.empty
    ):
        raise TypeError(
            f"{function.__module__}.{function.__qualname__}{signature} is no allocator: give it a parameter for the service,"
            " one for the attribute path and then only keyword-only parameters."
        )
    return signature


def _nullable(annotation: Any) -> Any:
    if annotation is inspect.Signature.empty or annotation is None:
        return annotation
    if isinstance(annotation, str):
        return annotation if annotation in _NULLABLE or annotation.endswith("?") else f"{annotation}?"
    return annotation | None
