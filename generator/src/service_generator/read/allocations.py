"""What fills read-only attributes: ranges, and functions of the Python side of the module."""

from service_generator.dsl.allocators import Allocation, BySpec, Custom, FirstFreeInteger
from service_generator.dsl.expressions import Reference
from service_generator.dsl.fields import Field, FieldOf
from service_generator.dsl.parts import Part
from service_generator.dsl.unknown import to_node
from service_generator.errors import DescriptionError
from service_generator.model import services as model
from service_generator.read.packages import Package


def read_allocator(allocation: Allocation, holders: list[type[Part]], namespace: str, package: Package) -> model.Allocator:
    """
    Understand an allocator.

    :param allocation: what the description says
    :param holders: the class of the attribute last, and before it the classes that it is embedded in
    :param namespace: the namespace of that class
    :param package: where the descriptions are
    :raises DescriptionError: it is given something that it cannot have
    """
    if isinstance(allocation, FirstFreeInteger):
        return model.FreeInteger(to_node(allocation.start), to_node(allocation.end), allocation.pool)
    if isinstance(allocation, BySpec):
        return model.SpecAllocator()
    if not isinstance(allocation, Custom):
        raise DescriptionError('allocator= is none. Write first_free_integer(<range>) or allocate("<function>", ...).')
    source = package.python_file(f"{namespace}::lsm")
    arguments: list[model.Argument] = []
    values = []
    for name, value in allocation.arguments.items():
        if isinstance(value, Field | FieldOf):
            arguments.append(_argument(name, value, holders))
        elif isinstance(value, Reference | str | int | float | bool | list | dict | None):
            values.append((name, to_node(value)))
        else:
            raise DescriptionError(f"the argument {name} is {value!r}. Give an attribute, a configuration key, or a constant.")
    return model.CustomAllocator(
        plugin=f"{namespace}::lsm::{allocation.function}",
        source=source,
        location=str(source.relative_to(package.root)),
        arguments=tuple(arguments),
        values=tuple(values),
    )


def _argument(name: str, value: Field | FieldOf, holders: list[type[Part]]) -> model.Argument:
    if isinstance(value, FieldOf):
        if value.of.role == "owner":
            return model.Argument(name, value.name, owner=value.of.name)
        if len(holders) < 2:
            raise DescriptionError(f"the argument {name} is an attribute of a parent, and there is none. Use one of its own.")
        return model.Argument(name, value.name, levels=1)
    for levels, holder in enumerate(reversed(holders)):
        if value.part is not None and issubclass(holder, value.part):
            return model.Argument(name, value.name, levels)
    known = " and ".join(holder.__name__ for holder in holders)
    raise DescriptionError(
        f"the argument {name} is {value.part.__name__ if value.part else ''}.{value.name}, which is no attribute of {known}. "
        "Use one that is."
    )
