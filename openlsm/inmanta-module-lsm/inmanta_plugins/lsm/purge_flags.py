"""The purge flag of parts of a service for which nothing sets it."""

from inmanta.ast import Location
from inmanta.ast.entity import Entity
from inmanta.execute.runtime import DelayedResultVariable, QueueScheduler

SERVICE_BASE = "lsm::ServiceBase"
PURGE_RESOURCES = "purge_resources"


class PurgeFlagFallback(DelayedResultVariable[None]):
    """
    Sets the purge flags that nothing else sets to false, so that a model which does not need them does not have to set them.

    A default value in the model would get in the way of the parts that do have the flag of their service. This variable has
    no value: the compiler makes variables nobody waits for definitive when there is nothing else left to do, which is when it
    is certain that a flag remains unset.

    :param queue: the scheduler of the compile
    :param entity: `lsm::ServiceBase`
    :param location: where the flags are set, for error messages
    """

    def __init__(self, queue: QueueScheduler, entity: Entity, location: Location) -> None:
        self._entity = entity
        self.location = location
        super().__init__(queue)

    def can_get(self) -> bool:
        """Always true: this variable does not need a value to become definitive."""
        return True

    def freeze(self) -> None:
        """Set all flags that are not set yet."""
        if self.hasValue:
            return
        queue = self.queues
        super().freeze()
        flags = [instance.get_attribute(PURGE_RESOURCES) for instance in self._entity.get_all_instances()]
        unset = [flag for flag in flags if not flag.is_ready()]
        for flag in unset:
            flag.set_value(False, self.location)
        if unset:
            # The flags may be what the model waited for before it builds further entities.
            PurgeFlagFallback(queue, self._entity, self.location)


def add_fallback(queue: QueueScheduler, location: Location) -> None:
    """
    Have the purge flags that nothing sets become false in the running compile.

    :param queue: the scheduler of the compile
    :param location: where the flags are set, for error messages
    """
    entity = queue.get_types()[SERVICE_BASE]
    assert isinstance(entity, Entity)
    PurgeFlagFallback(queue, entity, location)
