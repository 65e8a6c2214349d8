from collections.abc import Callable

from service_generator.dsl.expressions import Reference

type date = str
type time = str
type datetime = str
type ipv4_address = str
type ipv4_interface = str
type ipv4_network = str
type ipv6_address = str
type ipv6_interface = str
type ipv6_network = str
type uuid = str
type email_str = str
type name_email = str
type any_url = str
type any_http_url = str
type http_url = str
type ipv_any_address = str
type ipv_any_interface = str
type ipv_any_network = str
type negative_float = float
type negative_int = int
type positive_float = float
type positive_int = int
type alfanum = str
type base64 = str
type printable_ascii = str
type ascii_word = str
type non_empty_string = str
type port = int
type hoststring = str
type config_agent = str

def __getattr__(name: str) -> Callable[..., Reference]: ...
