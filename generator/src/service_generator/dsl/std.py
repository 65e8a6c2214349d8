"""
The ``std`` module: its types, for annotations, and its entities, plugins and variables, for resources.

``name: std.ascii_word`` is an attribute of a type of std; ``std.Host(...)`` and ``std.json_dumps(...)`` are what
``module("std")`` gives.
"""

from collections.abc import Callable
from typing import Annotated

from service_generator.dsl.expressions import Reference
from service_generator.dsl.modules import Module
from service_generator.dsl.typedefs import InstalledType

_std = Module("std")

date = Annotated[str, InstalledType("std::date")]
time = Annotated[str, InstalledType("std::time")]
datetime = Annotated[str, InstalledType("std::datetime")]
ipv4_address = Annotated[str, InstalledType("std::ipv4_address")]
ipv4_interface = Annotated[str, InstalledType("std::ipv4_interface")]
ipv4_network = Annotated[str, InstalledType("std::ipv4_network")]
ipv6_address = Annotated[str, InstalledType("std::ipv6_address")]
ipv6_interface = Annotated[str, InstalledType("std::ipv6_interface")]
ipv6_network = Annotated[str, InstalledType("std::ipv6_network")]
uuid = Annotated[str, InstalledType("std::uuid")]
email_str = Annotated[str, InstalledType("std::email_str")]
name_email = Annotated[str, InstalledType("std::name_email")]
any_url = Annotated[str, InstalledType("std::any_url")]
any_http_url = Annotated[str, InstalledType("std::any_http_url")]
http_url = Annotated[str, InstalledType("std::http_url")]
ipv_any_address = Annotated[str, InstalledType("std::ipv_any_address")]
ipv_any_interface = Annotated[str, InstalledType("std::ipv_any_interface")]
ipv_any_network = Annotated[str, InstalledType("std::ipv_any_network")]
negative_float = Annotated[float, InstalledType("std::negative_float")]
negative_int = Annotated[int, InstalledType("std::negative_int")]
positive_float = Annotated[float, InstalledType("std::positive_float")]
positive_int = Annotated[int, InstalledType("std::positive_int")]
alfanum = Annotated[str, InstalledType("std::alfanum")]
base64 = Annotated[str, InstalledType("std::base64")]
printable_ascii = Annotated[str, InstalledType("std::printable_ascii")]
ascii_word = Annotated[str, InstalledType("std::ascii_word")]
non_empty_string = Annotated[str, InstalledType("std::non_empty_string")]
port = Annotated[int, InstalledType("std::port")]


def __getattr__(name: str) -> Callable[..., Reference]:
    if name.startswith("__"):
        raise AttributeError(name)
    return _std.__getattr__(name)
