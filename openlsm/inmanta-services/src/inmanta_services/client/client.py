"""The client as a whole."""

from inmanta_services.client.calls import Calls, EnvironmentCalls
from inmanta_services.client.catalog import Catalog
from inmanta_services.client.compiles import Compiles
from inmanta_services.client.environments import Environments
from inmanta_services.client.history import History
from inmanta_services.client.inventory import Inventory
from inmanta_services.client.orders import Orders
from inmanta_services.client.parameters import Parameters
from inmanta_services.connection import Connection


class Client:
    """
    One environment of an orchestrator. It belongs to the event loop in which it was made, and holds nothing to close.

    :ivar catalog: the services.
    :ivar inventory: the instances of services.
    :ivar history: what happened to an instance.
    :ivar orders: changes of several instances at once.
    :ivar compiles: the compile reports of the environment.
    :ivar parameters: what models and users store under a name.
    :ivar environments: this environment and the others of the orchestrator.
    """

    def __init__(self, connection: Connection) -> None:
        """:param connection: the environment, with what opens it."""
        self.connection = connection
        calls = Calls(connection.address, connection.token)
        within = EnvironmentCalls(calls, connection.environment)
        self.catalog = Catalog(within)
        self.inventory = Inventory(within)
        self.history = History(within)
        self.orders = Orders(within)
        self.compiles = Compiles(within)
        self.parameters = Parameters(within)
        self.environments = Environments(calls)
