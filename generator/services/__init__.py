"""The descriptions of the services of the integration_example module, one file per namespace."""

from pathlib import Path

from service_generator import ServiceModule

from inmanta_plugins.integration_example.config import Config

integration_example = ServiceModule(
    "integration_example",
    Path(__file__).parents[2],
    Config,
)

config = integration_example.config
