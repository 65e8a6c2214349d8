"""The documentation of the API of each service of the catalog."""

import copy
import json
from typing import Any

from inmanta.const import ApiDocsFormat
from inmanta.data import Environment
from inmanta.protocol import handle
from inmanta.protocol.common import ReturnValue, UrlMethod
from inmanta.protocol.openapi.converter import OpenApiConverter
from inmanta.server.extensions import FeatureManager
from inmanta.server.protocol import Server

from inmanta_lsm import methods
from inmanta_lsm.attributes.schema import schema
from inmanta_lsm.catalog.contents import Catalog
from inmanta_lsm.model import ServiceEntity
from inmanta_lsm.protocol.documentation_pages import as_script, page_answer

type Json = dict[str, Any]

ENTITY_PLACEHOLDER = "{service_entity}"
SCHEMA_PREFIX = "#/components/schemas/"
OPERATIONS = ("get", "post", "put", "patch", "delete")


class ServiceDocs:
    """Answers the call for the documentation of the services, for the slice of the catalog to inherit from."""

    server: Server
    feature_manager: FeatureManager

    @handle(methods.lsm_services_openapi_docs, env="environment")
    async def lsm_services_openapi_docs(
        self,
        env: Environment,
        format: ApiDocsFormat | None,  # noqa: A002 the name is part of the API
        token: str | None,
    ) -> ReturnValue[Json | str]:
        """Document every method that is about the instances of one service, once for each service entity."""
        catalog = await Catalog.load(env)
        url_map = service_methods(self.server._transport.get_global_url_map(list(self.server.get_slices().values())))
        converter = OpenApiConverter(url_map, self.feature_manager)
        document = per_service(json.loads(converter.generate_openapi_json()), [catalog.default(name) for name in catalog.names])
        if format == ApiDocsFormat.openapi:
            return ReturnValue(response=document)
        return page_answer(converter.get_swagger_html(as_script(document)))


def service_methods(url_map: dict[str, dict[str, UrlMethod]]) -> dict[str, dict[str, UrlMethod]]:
    """
    The methods of the server that are to be documented for each service.

    :param url_map: all methods of the server, by url and by HTTP verb
    """
    selected: dict[str, dict[str, UrlMethod]] = {}
    for url, by_verb in url_map.items():
        for verb, method in by_verb.items():
            if method.properties.document_in_service_swagger:
                # Clients know the method by the name it is declared with, not by that of its handler.
                named = UrlMethod(method.properties, method.endpoint, method.handler, method.properties.function_name)
                selected.setdefault(url, {})[verb] = named
    return selected


def per_service(document: Json, entities: list[ServiceEntity]) -> Json:
    """
    Turn the documentation of methods for any service into one for given services.

    Each path is repeated for each service entity, with its name filled in and with the schema of its attributes.

    :param document: the OpenAPI document of the methods
    """
    result = {**document, "paths": {}, "tags": [_tag(entity) for entity in entities]}
    schemas: Json = result.setdefault("components", {}).setdefault("schemas", {})
    for entity in entities:
        reference = _add_schema(schemas, entity)
        for path, item in document["paths"].items():
            # The protocol writes <name> where OpenAPI writes {name}.
            described_path = path.replace("<", "{").replace(">", "}").replace(ENTITY_PLACEHOLDER, entity.name)
            result["paths"][described_path] = {
                key: _operation(value, entity, reference) if key in OPERATIONS else value for key, value in item.items()
            }
    return result


def _tag(entity: ServiceEntity) -> Json:
    return {"name": entity.name} | ({} if entity.description is None else {"description": entity.description})


def _operation(operation: Json, entity: ServiceEntity, reference: Json) -> Json:
    described = copy.deepcopy(operation)
    method = described["operationId"]
    described["operationId"] = f"{entity.name}_{method}"
    described["tags"] = [entity.name]
    described["parameters"] = [
        parameter for parameter in described.get("parameters", []) if parameter["name"] != "service_entity"
    ]
    if method == methods.lsm_services_create.__name__:
        # The attributes of an update are only those that change, so the schema is that of the creation alone.
        described["requestBody"]["content"]["application/json"]["schema"]["properties"]["attributes"] = reference
    return described


def _add_schema(schemas: Json, entity: ServiceEntity) -> Json:
    """
    Add the schema of the attributes of a service entity, with those of its embedded entities.

    :return: the reference to it
    """
    described = schema(entity)
    definitions = described.pop("$defs", {})
    names = {f"#/$defs/{name}": f"{entity.name}.{name}" for name in definitions}
    for name, definition in definitions.items():
        schemas[f"{entity.name}.{name}"] = _moved(definition, names)
    schemas[entity.name] = _moved(described, names)
    return {"$ref": f"{SCHEMA_PREFIX}{entity.name}"}


def _moved(value: Any, names: dict[str, str]) -> Any:
    match value:
        case dict():
            return {
                key: f"{SCHEMA_PREFIX}{names[item]}" if key == "$ref" and item in names else _moved(item, names)
                for key, item in value.items()
            }
        case list():
            return [_moved(item, names) for item in value]
        case _:
            return value
