"""BasicService: the smallest service that can be created, updated and deleted."""

from service_generator import Service, first_free_integer, fsm, r, rw, rw_plus, std

from generator.services import config


class BasicService(Service):
    """A service that manages nothing: the smallest one that can be created, updated and deleted."""

    identity = "name"
    lifecycle = fsm.simple

    name: std.ascii_word = rw("Name of the service, unique among all basic services.")
    description: str | None = rw_plus("Free text about the service.", default=None)
    unique_id: int | None = r(
        "Number of the service, unique among all basic services.",
        allocator=first_free_integer(config.basic_service.unique_id_range),
    )
