"""Descriptions that use every feature of the generator, to show that none of them is made for one service only."""

from pathlib import Path

from pydantic import BaseModel
from service_generator import ServiceModule


class Numbers(BaseModel):
    """A range of integers."""

    start: int = 1
    end: int = 100


class Config(BaseModel):
    """The configuration of the module."""

    numbers: Numbers = Numbers()
    region: str = "west"


kitchen_sink = ServiceModule("kitchen_sink", Path(__file__).parents[1], Config)

config = kitchen_sink.config
