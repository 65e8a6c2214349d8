"""Services as one finds them in networks and data centres, described with what the kitchen sink does not use."""

from pathlib import Path

from pydantic import BaseModel
from service_generator import ServiceModule


class Numbers(BaseModel):
    """A range of integers."""

    start: int = 100
    end: int = 199


class Config(BaseModel):
    """The configuration of the module."""

    vlans: Numbers = Numbers()
    folder: str = "/tmp/showroom"
    operator: str | None = None


showroom = ServiceModule("showroom", Path(__file__).parents[1], Config)

config = showroom.config
