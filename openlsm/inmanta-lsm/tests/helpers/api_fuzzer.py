"""
Requests that nobody would send on purpose, made from the server's own description of its API.

What schemathesis makes of the description hardly ever gets past the check of the arguments. So two thirds of the requests are
made of examples that fit what is stored, with something wrong somewhere.
"""

import asyncio
import hashlib
import json
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import asyncpg
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import FlakyStrategyDefinition
from inmanta.config import Config
from inmanta.server import config
from inmanta_embedded.patience import patient, wait_until
from inmanta_lsm.protocol.request_bodies import MAXIMUM_BODY_DEPTH
from requests.structures import CaseInsensitiveDict
from schemathesis import Case, GenerationMode
from schemathesis.core import NOT_SET
from schemathesis.core.result import Ok
from schemathesis.schemas import APIOperation

from .example_arguments import PROPERTIES, example_arguments
from .spoiled_json import ODD, ODD_TEXTS, deep, spoiled

type Operation = APIOperation[Any, Any, Any, Any]
type Request = Case[Operation]

TABLES = (
    "lsm_serviceentity",
    "lsm_serviceinstance",
    "lsm_serviceinstancemetadata",
    "lsm_serviceinstancelog",
    "lsm_serviceinstanceevent",
    "lsm_callback",
    "lsm_order",
    "lsm_orderitem",
)

# What holds for every instance whatever is asked of it. Each query gives the instances for which it does not.
INVARIANTS = {
    "the log has one row for each version": """
        SELECT i.id FROM public.lsm_serviceinstance AS i
        LEFT JOIN public.lsm_serviceinstancelog AS l ON l.environment = i.environment AND l.service_instance_id = i.id
        WHERE i.environment = $1
        GROUP BY i.id, i.version
        HAVING count(*) <> i.version OR min(l.version) <> 1 OR max(l.version) <> i.version
    """,
    "the newest row of the log is the instance": """
        SELECT i.id FROM public.lsm_serviceinstance AS i
        INNER JOIN public.lsm_serviceinstancelog AS l
            ON l.environment = i.environment AND l.service_instance_id = i.id AND l.version = i.version
        WHERE i.environment = $1
            AND (i.state, i.deleted, i.desired_state_version) <> (l.state, l.deleted, l.desired_state_version)
    """,
    "the desired state version goes with the version": """
        SELECT id FROM public.lsm_serviceinstance
        WHERE environment = $1 AND desired_state_version NOT BETWEEN 1 AND version
    """,
    "exactly one flow leads to each version, and to its state": """
        SELECT l.service_instance_id FROM public.lsm_serviceinstancelog AS l
        LEFT JOIN public.lsm_serviceinstanceevent AS e
            ON e.environment = l.environment
            AND e.service_instance_id = l.service_instance_id
            AND e.service_instance_version = l.version - 1
            AND e.is_outcome
            AND e.destination IS NOT NULL
            AND NOT e.ignored_transition
            AND e.severity < 40
        WHERE l.environment = $1 AND l.version > 1
        GROUP BY l.service_instance_id, l.version, l.state
        HAVING count(e.id) <> 1 OR max(e.destination) IS DISTINCT FROM l.state
    """,
    "identities are unique": """
        SELECT min(id::text) FROM public.lsm_serviceinstance
        WHERE environment = $1 AND NOT deleted AND service_identity_attribute_value IS NOT NULL
        GROUP BY service_entity, service_identity_attribute_value
        HAVING count(*) > 1
    """,
}
METHODS = {(properties.operation, properties.get_full_path()): name for name, properties in PROPERTIES.items()}


class ApiFuzzer:
    """Sends requests about an environment, and looks at what is stored in it after each of them."""

    def __init__(self, environment: uuid.UUID, description: Mapping[str, Any], examples: Mapping[str, list[Any]]) -> None:
        """
        :param environment: The environment. It is the same again before each operation.
        :param description: the server's description of its API
        :param examples: for names of arguments, values that fit what is stored
        """
        self.environment = environment
        self.examples = examples
        self.url = f"http://127.0.0.1:{Config.get('client_rest_transport', 'port')}"
        # Core writes placeholders as in its own routes.
        paths = {path.replace("<", "{").replace(">", "}"): item for path, item in description["paths"].items()}
        schema = schemathesis.openapi.from_dict({**description, "paths": paths}).include(path_regex="^/lsm/")
        self.operations = [result.ok() for result in schema.get_all_operations() if isinstance(result, Ok)]
        self.session = requests.Session()
        self.codes: dict[str, dict[int, int]] = {}
        self._content = ""

    def run(self, seconds: float, rounds: int, examples: int) -> None:
        """
        Send requests to all operations, in rounds.

        :param seconds: the time after which no further operation is begun
        :param rounds: the number of rounds
        :param examples: the number of requests for each operation in a round
        :raises AssertionError: the server failed, changed something although it refused, or broke an invariant
        """
        deadline = time.monotonic() + seconds
        with self._connected():
            stored = {table: self._rows(table) for table in TABLES}
            for number in range(rounds):
                for operation in self.operations:
                    if time.monotonic() > deadline:
                        return
                    self._restore(stored)
                    self._fuzz(operation, number, examples)
                    self._check_invariants(operation)

    def _fuzz(self, operation: Operation, number: int, examples: int) -> None:
        """Send requests to an operation, the same ones each time for the same number."""

        @seed(number)
        @settings(
            max_examples=examples,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=self._requests(operation))
        def send(case: Request) -> None:
            self._send(case)

        # What schemathesis draws depends on what it has drawn before; hypothesis gives up when it notices.
        with suppress(FlakyStrategyDefinition):
            send()

    def _requests(self, operation: Operation) -> st.SearchStrategy[Request]:
        """The requests to an operation."""
        arguments = example_arguments(METHODS[operation.method.upper(), operation.path.replace("{", "<").replace("}", ">")])
        headers = CaseInsensitiveDict({"X-Inmanta-tid": str(self.environment), "message": "for a reason"})
        in_path, in_query = ([parameter.name for parameter in place] for place in (operation.path_parameters, operation.query))
        in_body = [name for body in operation.body for name in body.definition.get("schema", {}).get("properties", {})]

        @st.composite
        def fitting(draw: st.DrawFn) -> Request:
            flawless = draw(st.booleans())
            optional = draw(st.just({*in_query, *in_body}) | st.sets(st.sampled_from([*in_query, *in_body, "none"])))
            body = {
                name: draw(self._values(name, arguments, flawless)) for name in in_body if name in arguments or name in optional
            }
            query = {
                name: draw(self._texts(name, arguments, flawless)) for name in in_query if name in arguments or name in optional
            }
            return operation.Case(
                path_parameters={name: draw(self._texts(name, arguments, flawless)) for name in in_path},
                query=query,
                body=draw(st.just(body) if flawless else _bodies(body)) if in_body else NOT_SET,
                media_type="application/json" if in_body else None,
            )

        def addressed(case: Request) -> Request:
            case.headers = headers
            return case

        described = [operation.as_strategy(generation_mode=mode) for mode in GenerationMode]
        return st.one_of(*described, fitting(), fitting(), fitting(), fitting()).map(addressed)

    def _values(self, name: str, arguments: Mapping[str, Any], flawless: bool) -> st.SearchStrategy[Any]:
        """The values of an argument in a body."""
        fitting = st.sampled_from(self.examples.get(name, [arguments.get(name)]))
        return fitting if flawless else st.one_of(fitting, fitting.flatmap(spoiled))

    def _texts(self, name: str, arguments: Mapping[str, Any], flawless: bool) -> st.SearchStrategy[str]:
        """The values of an argument in a path or a query."""
        fitting = st.sampled_from([str(value) for value in self.examples.get(name, [arguments.get(name)])])
        return fitting if flawless else st.one_of(fitting, fitting, st.sampled_from(ODD_TEXTS))

    def _send(self, case: Request) -> None:
        """Send a request and look at the answer."""
        call = case.as_transport_kwargs(base_url=self.url)
        if "json" in call:
            # The library refuses to write what python's parser would read.
            call["data"] = json.dumps(call.pop("json"))
            call["headers"]["Content-Type"] = "application/json"
        response = self.session.request(**call, timeout=patient())
        codes = self.codes.setdefault(case.operation.label, {})
        codes[response.status_code] = codes.get(response.status_code, 0) + 1
        if response.status_code < 400:
            self._content = self._settled_content()
            return
        unchanged = self._read_content() == self._content
        if response.status_code >= 500 or not unchanged:
            sent = f"{call['method']} {call['url']} {call.get('params')} {call.get('data')}"
            raise AssertionError(f"{sent} was answered with {response.status_code}: {response.text} {unchanged=}")
        if response.status_code in (400, 403, 409):
            assert response.json()["message"]

    @contextmanager
    def _connected(self) -> Iterator[None]:
        """Connect to the database, in an event loop of this thread."""
        self._loop = asyncio.new_event_loop()
        self._connection = self._loop.run_until_complete(
            asyncpg.connect(
                host=config.db_host.get(),
                port=config.db_port.get(),
                user=config.db_username.get(),
                password=config.db_password.get(),
                database=config.db_name.get(),
            )
        )
        try:
            yield
        finally:
            self._loop.run_until_complete(self._connection.close())
            self._loop.close()

    def _fetch(self, query: str, *values: object) -> list[asyncpg.Record]:
        """Run a query about the environment."""
        return self._loop.run_until_complete(self._connection.fetch(query, self.environment, *values))

    def _rows(self, table: str) -> list[str]:
        """All rows of a table that belong to the environment, as JSON."""
        return [row for (row,) in self._fetch(f"SELECT to_jsonb(r) FROM public.{table} AS r WHERE environment = $1")]

    def _restore(self, stored: Mapping[str, Sequence[str]]) -> None:
        """Bring back what was stored at first."""
        for table in TABLES:
            self._fetch(f"DELETE FROM public.{table} WHERE environment = $1")
        for table, rows in stored.items():
            self._fetch(
                f"""
                INSERT INTO public.{table}
                SELECT r.* FROM unnest($2::jsonb[]) AS stored, jsonb_populate_record(NULL::public.{table}, stored) AS r
                WHERE environment = $1
                """,
                rows,
            )
        self._content = self._settled_content()

    def _check_invariants(self, operation: Operation) -> None:
        """Look for instances that are not as they should be."""
        for invariant, query in INVARIANTS.items():
            broken = self._fetch(query)
            assert not broken, f"after requests to {operation.label} it does not hold any more that {invariant}: {broken}"

    def _read_content(self) -> str:
        """A digest of all that is stored."""
        digests = " UNION ALL ".join(
            f"SELECT md5(string_agg(r::text, '' ORDER BY r::text)) AS digest FROM public.{table} AS r WHERE environment = $1"
            for table in TABLES
        )
        return hashlib.md5(repr([record["digest"] for record in self._fetch(digests)]).encode()).hexdigest()

    def _settled_content(self) -> str:
        """A digest of all that is stored, when all orders have ended: they go on after the answer."""
        open_orders = "SELECT FROM public.lsm_order WHERE environment = $1 AND completed_at IS NULL"
        wait_until(lambda: not self._fetch(open_orders), "an order does not end")
        return self._read_content()


def _bodies(body: dict[str, Any]) -> st.SearchStrategy[Any]:
    """A body, or now and then something that is no JSON object, or one that is nested too deep."""
    odd = [value for value in ODD if not isinstance(value, dict)]
    return st.one_of(*[st.just(body)] * 4, st.sampled_from([*odd, body | {"deep": deep(MAXIMUM_BODY_DEPTH)}]))
