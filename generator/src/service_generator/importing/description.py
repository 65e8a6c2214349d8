"""From services, as plain data, to the text of a description."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, fields

from service_generator.importing.names import member_name, variable_name
from service_generator.importing.python import WIDTH, Names, call, docstring, literal
from service_generator.importing.services import Imported
from service_generator.model.expressions import Constant
from service_generator.model.lifecycles import State, StateMachine, Transfer
from service_generator.model.names import INHERITED, KEYWORDS
from service_generator.model.services import (
    Allocator,
    Attribute,
    EmbeddedRelation,
    Entity,
    FreeInteger,
    Service,
    ServiceRelation,
)
from service_generator.model.types import (
    AnyOf,
    AttributeType,
    Constraint,
    Matches,
    ModelType,
    OneOf,
    Typedef,
    Validated,
    Within,
)

_PYTHON = {"string": "str", "int": "int", "float": "float", "bool": "bool"}
_BOUNDS = {">=": "ge", ">": "gt", "<=": "le", "<": "lt"}
_ROLES = {"r": "r", "rw": "rw", "rw+": "rw_plus"}


def description(imported: Imported) -> str:
    """
    The file that describes services.

    :param imported: the services
    """
    return _Description(imported).text()


class _Description:
    def __init__(self, imported: Imported) -> None:
        self._imported = imported
        self._services = {service.entity.full_name: service for service in imported.services}
        self._typedefs = imported.typedefs()
        members = {name for entity in imported.entities for name in _members(entity)}
        classes = {entity.name for entity in imported.entities} | {typedef.python_name for typedef in self._typedefs}
        self._names = Names(members | classes)
        self._taken = members | classes
        self._defined: set[str] = set()
        self._others = self._other_services()
        self._machines: dict[str, str] = {}

    def text(self) -> str:
        blocks = [
            *(self._typedef(typedef) for typedef in self._typedefs),
            *(
                line
                for lifecycle in self._imported.lifecycles
                for line in self._lifecycle(lifecycle.variable, lifecycle.machine)
            ),
            *(self._other(full_name, name) for full_name, name in self._others.items()),
            *(self._class(entity) for entity in self._imported.entities),
        ]
        head = [docstring(f"The services of {self._imported.namespace}."), "", *self._names.lines()]
        text = "\n".join(head) + "\n"
        before = ""
        for block in blocks:
            apart = block.startswith("class ") or before.startswith("class ") or not before
            text += (
                "\n\n" if apart and before else "\n\n" if block.startswith("class ") else "\n" if not before else ""
            ) + block
            before = block
        return text

    # Types

    def _typedef(self, typedef: Typedef) -> str:
        if isinstance(typedef.constraint, OneOf):
            return self._enumeration(typedef, typedef.constraint)
        base = self._item(typedef.extends or typedef.base)
        if isinstance(typedef.extends, ModelType) and not base.startswith(self._names.use("std") + "."):
            # What is annotated already takes one more annotation.
            base = base.removesuffix("]").partition("[")[2]
        arguments = self._constraint(typedef.constraint, typedef.description or "")
        annotated = f"type {typedef.python_name} = {self._names.use('Annotated', 'typing')}"
        line = f"{annotated}[{base}, {arguments}]"
        return f"{line}\n" if len(line) <= WIDTH else f"{annotated}[\n    {base},\n    {arguments},\n]\n"

    def _enumeration(self, typedef: Typedef, constraint: OneOf) -> str:
        kind = self._names.use("Enumeration" if typedef.base == "string" else "IntegerEnumeration")
        taken: set[str] = {"name", "value"}
        values = [f"    {member_name(value, taken)} = {literal(value)}\n" for value in constraint.values]
        said = docstring(typedef.description or "", 4)
        return f"class {typedef.python_name}({kind}):\n{said}\n\n{''.join(values)}"

    def _constraint(self, constraint: Constraint, said: str) -> str:
        more = [literal(said)] if said else []
        match constraint:
            case Matches(regex):
                whole = re.fullmatch(r"\^\(\?:(.*)\)\$", regex)
                exact = [] if whole else ["as_it_is=True"]
                return call(self._names.use("pattern"), [literal(whole[1] if whole else regex), *more, *exact])
            case Within(bounds):
                given = [f"{_BOUNDS[operator]}={value!r}" for operator, value in bounds]
                return call(self._names.use("bounds"), [*more, *given])
            case Validated(name, parameters):
                given = [f"{key}={literal(value)}" for key, value in parameters]
                return call(self._names.use("validated"), [literal(name), *more, *given])
            case OneOf(values):
                return call(self._names.use("one_of"), [literal(value) for value in values])
            case AnyOf(constraints):
                given = [self._constraint(one, "") for one in constraints]
                return call(self._names.use("any_of"), [literal(said), *given])

    def _item(self, item: str | Typedef | ModelType) -> str:
        match item:
            case Typedef():
                return item.python_name
            case ModelType("", _, _):
                raise AssertionError("a type without a name")
            case ModelType(name, "std", _) if not name.startswith("_"):
                return f"{self._names.use('std')}.{name}"
            case ModelType(name, namespace, base):
                installed = call(self._names.use("InstalledType"), [literal(f"{namespace}::{name}")])
                return f"{self._names.use('Annotated', 'typing')}[{self._item(base)}, {installed}]"
            case "number":
                return f"{self._names.built_in('int')} | {self._names.built_in('float')}"
            case "dict":
                any_value = self._names.use("Any", "typing")
                return f"{self._names.built_in('dict')}[{self._names.built_in('str')}, {any_value}]"
            case _:
                return self._names.built_in(_PYTHON[str(item)])

    def _type(self, kind: AttributeType) -> str:
        item = self._item(kind.item)
        listed = f"{self._names.built_in('list')}[{item}]" if kind.is_list else item
        return f"{listed} | None" if kind.optional else listed

    # Lifecycles

    def _lifecycle(self, variable: str, machine: StateMachine) -> Iterator[str]:
        names: dict[State, str] = {}
        for state in machine.states:
            if state.name in {known.name for known in names}:
                continue
            names[state] = variable_name(state.name, self._taken)
            yield call(f"{names[state]} = {self._names.use('State')}", self._state(state)) + "\n"
        by_name = {state.name: name for state, name in names.items()}
        transfers = [self._transfer(transfer, by_name) for transfer in machine.transfers]
        listed = "transfers=[\n" + "".join(f"{transfer},\n" for transfer in transfers) + "    ]"
        given = [literal(machine.name), f"initial={by_name[machine.initial.name]}", listed]
        if machine.alternatives:
            given.append(f"alternatives=[{', '.join(by_name[state.name] for state in machine.alternatives)}]")
        self._machines[variable] = variable_name(machine.name, self._taken)
        yield call(f"{self._machines[variable]} = {self._names.use('StateMachine')}", given) + "\n"

    def _state(self, state: State) -> list[str]:
        return [literal(state.name), *(f"{name}={literal(value)}" for name, value in _given(state, "name"))]

    def _transfer(self, transfer: Transfer, names: Mapping[str, str]) -> str:
        given = [names[transfer.source.name], names[transfer.target.name]]
        given += [names[transfer.error.name]] if transfer.error is not None else []
        given += [f"{name}={literal(value)}" for name, value in _given(transfer, "source", "target", "error")]
        return call(self._names.use("Transfer"), given, 8)

    # Classes

    def _other_services(self) -> dict[str, str]:
        others: dict[str, str] = {}
        for entity in self._imported.entities:
            for relation in entity.services:
                if relation.installed:
                    full_name = f"{relation.target_namespace}::{relation.target}"
                    name = others.get(full_name, relation.target)
                    while full_name not in others and name in self._taken:
                        name = f"Other{name}"
                    others[full_name] = name
                    self._taken.add(name)
        return others

    def _other(self, full_name: str, name: str) -> str:
        self._defined.add(name)
        said = docstring(f"The service {full_name.rpartition('::')[2]} of {full_name.rpartition('::')[0]}.", 4)
        return f"class {name}({self._names.use('InstalledService')}):\n{said}\n\n    entity = {literal(full_name)}\n"

    def _class(self, entity: Entity) -> str:
        base = entity.base.name if entity.base else self._names.use("Service" if entity.is_service else "Embedded")
        said = f"{docstring(entity.description, 4)}\n" if entity.description else ""
        options = [f"    {line}\n" for line in self._options(entity)]
        parent = self._parent(entity)
        attributes = [self._attribute(attribute) for attribute in entity.attributes]
        relations = [*(self._embedded(one) for one in entity.embedded), *(self._related(one) for one in entity.services)]
        parts = ["".join(options), parent, "".join([*attributes, *relations])]
        self._defined.add(entity.name)
        keywords = [*(["abstract=True"] if entity.is_abstract else []), *([] if entity.description else ["documented=False"])]
        body = "\n".join(part for part in (said, *parts) if part)
        return f"class {entity.name}({', '.join((base, *keywords))}):\n{body or '    pass\n'}"

    def _options(self, entity: Entity) -> Iterator[str]:
        service = self._services.get(entity.full_name) if entity.is_service else None
        if service is not None:
            yield from self._service_options(service)
        if entity.annotations:
            yield f"annotations = {self._names.use('MappingProxyType', 'types')}({literal(dict(entity.annotations))})"
        if entity.hand_written:
            yield f"implementations = {literal(entity.hand_written)}"
        if entity.unique:
            yield f"unique = {literal(tuple(group[0] if len(group) == 1 else group for group in entity.unique))}"

    def _service_options(self, service: Service) -> Iterator[str]:
        if service.catalog_name != service.entity.name:
            yield f"catalog_name = {literal(service.catalog_name)}"
        if service.identity:
            yield f"identity = {literal(service.identity)}"
        if service.identity_display_name is not None:
            yield f"identity_display_name = {literal(service.identity_display_name)}"
        if service.lifecycle in self._machines:
            yield f"lifecycle = {self._machines[service.lifecycle]}"
        else:
            yield f"lifecycle = {self._names.use('fsm')}.{service.lifecycle.rpartition('::')[2]}"
        if not service.strict:
            yield "strict = False"
        if service.allocation_spec is not None:
            yield f"allocation_spec = {literal(service.allocation_spec)}"
        if service.versions:
            yield f"versions = {literal(service.versions)}"
        if service.default_version:
            yield "default_version = True"

    def _parent(self, entity: Entity) -> str:
        if len(entity.parents) != 1:
            return ""
        (back,) = entity.parents
        is_free = back.name.isidentifier() and back.name not in {*_members(entity), *INHERITED, *KEYWORDS}
        holder = back.target.rpartition("::")[2]
        return f'    {back.name}: "{holder}" = {self._names.use("parent")}()\n' if is_free else ""

    def _attribute(self, attribute: Attribute) -> str:
        given = [literal(attribute.description or None)]
        if attribute.modifier != "r" and attribute.has_default:
            given.append(f"default={literal(attribute.default)}")
        if attribute.is_key:
            given.append("key=True")
        if attribute.allocator is not None:
            given.append(f"allocator={self._allocator(attribute.allocator)}")
        kind = self._type(attribute.type)
        if attribute.modifier == "r" and not attribute.type.optional:
            kind = f"{kind} | None"
        return self._field(attribute.name, kind, attribute.modifier, given, attribute.annotations)

    def _allocator(self, allocator: Allocator) -> str:
        match allocator:
            case FreeInteger(Constant(int() as first), Constant(int() as last), pool):
                shared = [] if pool is None else [f"pool={literal(pool)}"]
                return call(self._names.use("first_free_integer"), [f"range({first}, {last + 1})", *shared])
        return self._names.use("by_spec")

    def _embedded(self, relation: EmbeddedRelation) -> str:
        return self._relation(relation, relation.target.name, _ROLES[relation.modifier], [])

    def _related(self, relation: ServiceRelation) -> str:
        full_name = f"{relation.target_namespace}::{relation.target}"
        target = self._others[full_name] if relation.installed else relation.target
        if relation.is_owner:
            modifier = [] if relation.modifier == "rw" else [f"modifier={literal(relation.modifier)}"]
            return self._relation(relation, target, "owner", modifier)
        return self._relation(relation, target, _ROLES[relation.modifier], [])

    def _relation(self, relation: EmbeddedRelation | ServiceRelation, target: str, role: str, more: list[str]) -> str:
        cardinality = relation.cardinality
        given = [literal(relation.description or None), *more]
        kind = target
        if cardinality.many:
            kind = f"{self._names.built_in('list')}[{target}]"
            given += [f"at_least={cardinality.lower}"] if cardinality.lower else []
            given += [f"at_most={cardinality.upper}"] if cardinality.upper is not None else []
        elif cardinality.lower == 0:
            kind = f"{target} | None"
        # A class that comes later in the file is named between quotes.
        hint = kind if target in self._defined else f'"{kind}"'
        return self._field(relation.name, hint, role, given, relation.annotations)

    def _field(self, name: str, kind: str, role: str, given: list[str], annotations: Mapping[str, object]) -> str:
        if annotations:
            given.append(f"annotations={literal(dict(annotations))}")
        return call(f"{name}: {kind} = {self._names.use(_ROLES.get(role, role))}", given, 4) + "\n"


def _members(entity: Entity) -> list[str]:
    return [member.name for kind in (entity.attributes, entity.embedded, entity.services) for member in kind]


def _given(value: State | Transfer, *without: str) -> Iterator[tuple[str, object]]:
    for found in fields(value):
        given = getattr(value, found.name)
        empty = found.default_factory() if found.default_factory is not MISSING else found.default
        if found.name not in without and given != empty:
            yield found.name, given
