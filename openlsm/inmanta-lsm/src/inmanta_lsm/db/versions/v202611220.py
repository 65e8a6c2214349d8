"""The first version of the schema."""

from asyncpg import Connection

DISABLED = False


async def update(connection: Connection) -> None:
    """
    Create all tables of the extension. Every row belongs to an environment and disappears with it.

    :param connection: a connection in the transaction of the schema update
    """
    await connection.execute(CATALOG)
    await connection.execute(INVENTORY)
    await connection.execute(INVENTORY_INDEXES)
    await connection.execute(HISTORY)
    await connection.execute(CALLBACKS_AND_ORDERS)


CATALOG = """
-- One row for every version of a service entity. The definition holds the model of the version without what is stored or
-- computed elsewhere (environment, config, instance summary, owned entities). It is json, as jsonb would lose the order of the
-- values of an enumeration, in which people see them.
CREATE TABLE public.lsm_serviceentity (
    environment uuid NOT NULL REFERENCES public.environment(id) ON DELETE CASCADE,
    name varchar NOT NULL,
    version integer NOT NULL,
    is_default boolean NOT NULL,
    definition json NOT NULL,
    config jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (environment, name, version)
);
CREATE UNIQUE INDEX lsm_serviceentity_default_index ON public.lsm_serviceentity (environment, name) WHERE is_default;
"""

INVENTORY = """
-- The columns after transfer_context are the memory of the lifecycle engine:
-- auto_done: the auto transfer of this state had its outcome in this version, it is only tried again by a scan.
-- report_pending: a deployment report for this version is being waited for.
-- last_report: the report (next_version, next_desired_state_version, success) that caused the last resource-based transfer.
CREATE TABLE public.lsm_serviceinstance (
    environment uuid NOT NULL REFERENCES public.environment(id) ON DELETE CASCADE,
    id uuid NOT NULL,
    service_entity varchar NOT NULL,
    service_entity_version integer NOT NULL,
    version integer NOT NULL,
    desired_state_version integer NOT NULL,
    config jsonb NOT NULL DEFAULT '{}',
    state varchar NOT NULL,
    candidate_attributes jsonb,
    active_attributes jsonb,
    rollback_attributes jsonb,
    created_at timestamp with time zone NOT NULL,
    last_updated timestamp with time zone NOT NULL,
    deleted boolean NOT NULL DEFAULT FALSE,
    service_identity_attribute_value varchar,
    transfer_context varchar NOT NULL,
    auto_done boolean NOT NULL DEFAULT FALSE,
    report_pending boolean NOT NULL DEFAULT FALSE,
    last_report jsonb,
    PRIMARY KEY (environment, id),
    FOREIGN KEY (environment, service_entity, service_entity_version)
        REFERENCES public.lsm_serviceentity (environment, name, version) ON DELETE CASCADE
);

CREATE TABLE public.lsm_serviceinstancemetadata (
    environment uuid NOT NULL,
    service_instance_id uuid NOT NULL,
    key varchar NOT NULL,
    value varchar NOT NULL,
    PRIMARY KEY (environment, service_instance_id, key),
    FOREIGN KEY (environment, service_instance_id) REFERENCES public.lsm_serviceinstance (environment, id) ON DELETE CASCADE
);
"""

INVENTORY_INDEXES = """
CREATE UNIQUE INDEX lsm_serviceinstance_identity_index
    ON public.lsm_serviceinstance (environment, service_entity, service_identity_attribute_value)
    WHERE NOT deleted AND service_identity_attribute_value IS NOT NULL;
-- For the foreign key, and to know whether a version of a service entity is in use.
CREATE INDEX lsm_serviceinstance_entity_index
    ON public.lsm_serviceinstance (environment, service_entity, service_entity_version, id) WHERE NOT deleted;
-- The sort orders of the inventory, which leaves out deleted instances by default.
CREATE INDEX lsm_serviceinstance_created_at_index
    ON public.lsm_serviceinstance (environment, service_entity, created_at, id) WHERE NOT deleted;
CREATE INDEX lsm_serviceinstance_last_updated_index
    ON public.lsm_serviceinstance (environment, service_entity, last_updated, id) WHERE NOT deleted;
CREATE INDEX lsm_serviceinstance_state_index
    ON public.lsm_serviceinstance (environment, service_entity, state, id) WHERE NOT deleted;
CREATE INDEX lsm_serviceinstance_version_index
    ON public.lsm_serviceinstance (environment, service_entity, version, id) WHERE NOT deleted;
CREATE INDEX lsm_serviceinstance_identity_sort_index
    ON public.lsm_serviceinstance (environment, service_entity, service_identity_attribute_value NULLS FIRST, id)
    WHERE NOT deleted;
-- The inventory with deleted instances, and the foreign key to the service entity.
CREATE INDEX lsm_serviceinstance_all_index
    ON public.lsm_serviceinstance (environment, service_entity, created_at, id) INCLUDE (service_entity_version);
"""

HISTORY = """
-- The instance after each transfer.
CREATE TABLE public.lsm_serviceinstancelog (
    environment uuid NOT NULL,
    service_instance_id uuid NOT NULL,
    version integer NOT NULL,
    desired_state_version integer NOT NULL,
    service_entity varchar NOT NULL,
    service_entity_version integer NOT NULL,
    timestamp timestamp with time zone NOT NULL,
    config jsonb NOT NULL,
    state varchar NOT NULL,
    candidate_attributes jsonb,
    active_attributes jsonb,
    rollback_attributes jsonb,
    created_at timestamp with time zone NOT NULL,
    last_updated timestamp with time zone NOT NULL,
    deleted boolean NOT NULL,
    service_identity_attribute_value varchar,
    transfer_context varchar NOT NULL,
    PRIMARY KEY (environment, service_instance_id, version),
    FOREIGN KEY (environment, service_instance_id) REFERENCES public.lsm_serviceinstance (environment, id) ON DELETE CASCADE
);

-- Everything that happened to an instance. is_outcome marks the last event of a flow (one correlation id): it has at most one.
CREATE TABLE public.lsm_serviceinstanceevent (
    environment uuid NOT NULL,
    id uuid NOT NULL,
    service_instance_id uuid NOT NULL,
    service_instance_version integer NOT NULL,
    service_desired_state_version integer NOT NULL,
    timestamp timestamp with time zone NOT NULL,
    source varchar,
    destination varchar,
    message varchar NOT NULL,
    ignored_transition boolean NOT NULL DEFAULT FALSE,
    event_correlation_id uuid NOT NULL,
    severity integer NOT NULL,
    id_compile_report uuid,
    event_type varchar NOT NULL,
    is_error_transition boolean NOT NULL DEFAULT FALSE,
    is_outcome boolean NOT NULL DEFAULT FALSE,
    PRIMARY KEY (environment, id),
    FOREIGN KEY (environment, service_instance_id) REFERENCES public.lsm_serviceinstance (environment, id) ON DELETE CASCADE
);
CREATE INDEX lsm_serviceinstanceevent_timestamp_index
    ON public.lsm_serviceinstanceevent (environment, service_instance_id, timestamp, id);
CREATE INDEX lsm_serviceinstanceevent_version_index
    ON public.lsm_serviceinstanceevent (environment, service_instance_id, service_instance_version, timestamp, id);
CREATE UNIQUE INDEX lsm_serviceinstanceevent_outcome_index
    ON public.lsm_serviceinstanceevent (environment, event_correlation_id) WHERE is_outcome;
CREATE INDEX lsm_serviceinstanceevent_correlation_index
    ON public.lsm_serviceinstanceevent (environment, event_correlation_id, timestamp);
"""

CALLBACKS_AND_ORDERS = """
CREATE TABLE public.lsm_callback (
    environment uuid NOT NULL REFERENCES public.environment(id) ON DELETE CASCADE,
    id uuid NOT NULL,
    service_entity varchar NOT NULL,
    url varchar NOT NULL,
    event_types varchar[],
    minimal_log_level varchar,
    PRIMARY KEY (environment, id)
);
CREATE INDEX lsm_callback_service_entity_index ON public.lsm_callback (environment, service_entity);

CREATE TABLE public.lsm_order (
    environment uuid NOT NULL REFERENCES public.environment(id) ON DELETE CASCADE,
    id uuid NOT NULL,
    description varchar NOT NULL,
    created_at timestamp with time zone NOT NULL,
    completed_at timestamp with time zone,
    state varchar NOT NULL,
    PRIMARY KEY (environment, id)
);
CREATE INDEX lsm_order_created_at_index ON public.lsm_order (environment, created_at, id);
CREATE INDEX lsm_order_running_index ON public.lsm_order (environment, id) WHERE completed_at IS NULL;

-- start_version: the version of the instance right after the item was started, null before.
CREATE TABLE public.lsm_orderitem (
    environment uuid NOT NULL,
    order_id uuid NOT NULL,
    instance_id uuid NOT NULL,
    service_entity varchar NOT NULL,
    action varchar NOT NULL,
    config jsonb,
    attributes jsonb,
    edits jsonb,
    metadata jsonb,
    dependencies uuid[] NOT NULL DEFAULT '{}',
    state varchar NOT NULL,
    failure_type varchar,
    reason varchar,
    start_version integer,
    validation_compile_id uuid,
    instance_state_label varchar,
    service_identity_attribute_value varchar,
    service_identity_display_name varchar,
    PRIMARY KEY (environment, order_id, instance_id),
    FOREIGN KEY (environment, order_id) REFERENCES public.lsm_order (environment, id) ON DELETE CASCADE
);
-- The running items of an instance.
CREATE INDEX lsm_orderitem_instance_index ON public.lsm_orderitem (environment, instance_id)
    WHERE state IN ('acknowledged', 'in_progress');
"""
