"""
The protocol methods of the LSM.

Importing this package registers all of them with the protocol of inmanta-core, for the server, for clients, for the compiler
and for handlers.
"""

from inmanta_lsm.methods.allocation import lsm_services_update_attributes, lsm_services_update_attributes_v2
from inmanta_lsm.methods.callback import lsm_callback_create, lsm_callback_delete, lsm_callback_list
from inmanta_lsm.methods.catalog import (
    lsm_export_service_definition,
    lsm_service_catalog_create_entity,
    lsm_service_catalog_delete_entity,
    lsm_service_catalog_get_config,
    lsm_service_catalog_get_entity,
    lsm_service_catalog_get_schema,
    lsm_service_catalog_list,
    lsm_service_catalog_set_config,
    lsm_service_catalog_update_entity,
    lsm_services_openapi_docs,
)
from inmanta_lsm.methods.catalog_version import (
    lsm_service_catalog_delete_entity_version,
    lsm_service_catalog_get_entity_version,
    lsm_service_catalog_get_entity_version_config,
    lsm_service_catalog_get_entity_version_schema,
    lsm_service_catalog_get_entity_versions,
    lsm_service_catalog_list_versions,
    lsm_service_catalog_set_entity_version_config,
    lsm_service_catalog_update_entity_versions,
)
from inmanta_lsm.methods.expert import lsm_services_expert_delete, lsm_services_expert_set_state, lsm_services_expert_update
from inmanta_lsm.methods.history import (
    lsm_service_log_list,
    lsm_services_diagnose,
    lsm_services_events_list,
    lsm_services_resources_list,
)
from inmanta_lsm.methods.instance import (
    lsm_services_get_config,
    lsm_services_repair,
    lsm_services_set_config,
    lsm_services_set_metadata,
    lsm_services_set_state,
    lsm_services_update_entity_version,
)
from inmanta_lsm.methods.inventory import (
    lsm_services_create,
    lsm_services_delete,
    lsm_services_get,
    lsm_services_get_by_id,
    lsm_services_list,
    lsm_services_patch,
    lsm_services_put,
    lsm_services_update,
)
from inmanta_lsm.methods.label import LsmAuthorizationLabel
from inmanta_lsm.methods.order import lsm_order_create, lsm_order_get, lsm_order_list
from inmanta_lsm.methods.report import lsm_services_report_deployment

__all__ = [
    "LsmAuthorizationLabel",
    "lsm_callback_create",
    "lsm_callback_delete",
    "lsm_callback_list",
    "lsm_export_service_definition",
    "lsm_order_create",
    "lsm_order_get",
    "lsm_order_list",
    "lsm_service_catalog_create_entity",
    "lsm_service_catalog_delete_entity",
    "lsm_service_catalog_delete_entity_version",
    "lsm_service_catalog_get_config",
    "lsm_service_catalog_get_entity",
    "lsm_service_catalog_get_entity_version",
    "lsm_service_catalog_get_entity_version_config",
    "lsm_service_catalog_get_entity_version_schema",
    "lsm_service_catalog_get_entity_versions",
    "lsm_service_catalog_get_schema",
    "lsm_service_catalog_list",
    "lsm_service_catalog_list_versions",
    "lsm_service_catalog_set_config",
    "lsm_service_catalog_set_entity_version_config",
    "lsm_service_catalog_update_entity",
    "lsm_service_catalog_update_entity_versions",
    "lsm_service_log_list",
    "lsm_services_create",
    "lsm_services_delete",
    "lsm_services_diagnose",
    "lsm_services_events_list",
    "lsm_services_expert_delete",
    "lsm_services_expert_set_state",
    "lsm_services_expert_update",
    "lsm_services_get",
    "lsm_services_get_by_id",
    "lsm_services_get_config",
    "lsm_services_list",
    "lsm_services_openapi_docs",
    "lsm_services_patch",
    "lsm_services_put",
    "lsm_services_repair",
    "lsm_services_report_deployment",
    "lsm_services_resources_list",
    "lsm_services_set_config",
    "lsm_services_set_metadata",
    "lsm_services_set_state",
    "lsm_services_update",
    "lsm_services_update_attributes",
    "lsm_services_update_attributes_v2",
    "lsm_services_update_entity_version",
]
