"""The language of the descriptions under the name that it had before it could be installed; new ones take service_generator."""

from service_generator import *  # noqa: F403  # all of it
