"""The descriptions of the services of the integration_example module, one file per namespace."""

from generator.dsl import ServiceModule
from inmanta_plugins.integration_example.config import Config

integration_example = ServiceModule("integration_example", Config)

config = integration_example.config
