-- What a server with the first version of the schema left behind: written once, and not changed when the schema is.
INSERT INTO public.project (id, name) VALUES ('10000000-0000-4000-8000-000000000001', 'left behind');
INSERT INTO public.environment (id, name, project, settings)
VALUES (
    '10000000-0000-4000-8000-000000000002', 'left behind', '10000000-0000-4000-8000-000000000001', '{"settings": {}}'
);

INSERT INTO public.lsm_serviceentity (environment, name, version, is_default, definition, config)
VALUES (
    '10000000-0000-4000-8000-000000000002', 'vlan', 0, TRUE,
    '{
        "attributes": [
            {"name": "name", "modifier": "rw", "type": "string"},
            {"name": "size", "modifier": "rw+", "type": "int", "default_value": 1, "default_value_set": true}
        ],
        "inter_service_relations": [{"name": "beside", "entity_type": "vlan", "modifier": "rw+", "lower_limit": 0}],
        "lifecycle": {
            "name": "short",
            "initial_state": "start",
            "states": [
                {"name": "start", "export_resources": false},
                {"name": "up", "label": "success", "export_resources": false},
                {"name": "terminated", "export_resources": false, "deleted": true}
            ],
            "transfers": [
                {"source": "start", "target": "up", "auto": true, "config_name": "auto_up", "target_operation": "promote"},
                {"source": "up", "target": "start", "on_update": true},
                {"source": "up", "target": "terminated", "on_delete": true}
            ]
        },
        "service_identity": "name",
        "strict_modifier_enforcement": true
    }',
    '{"auto_up": true}'
);

INSERT INTO public.lsm_serviceinstance (
    environment, id, service_entity, service_entity_version, version, desired_state_version, config, state,
    candidate_attributes, active_attributes, rollback_attributes, created_at, last_updated, deleted,
    service_identity_attribute_value, transfer_context, auto_done, report_pending, last_report
)
VALUES
(
    '10000000-0000-4000-8000-000000000002', '10000000-0000-4000-8000-00000000000a', 'vlan', 0, 2, 2, '{"auto_up": true}', 'up',
    NULL, '{"name": "a", "size": 2}', '{"name": "a", "size": 1}', '2026-01-10 10:00+00', '2026-01-10 10:05+00', FALSE,
    'a', 'stable', FALSE, FALSE,
    '{"next_version": 2, "next_desired_state_version": 2, "success": true, "failed_resources": []}'
),
(
    '10000000-0000-4000-8000-000000000002', '10000000-0000-4000-8000-00000000000b', 'vlan', 0, 2, 2, '{}', 'up',
    NULL, '{"name": "b", "size": 1}', NULL, '2026-01-10 11:00+00', '2026-01-10 11:05+00', FALSE,
    'b', 'stable', FALSE, FALSE, NULL
),
(
    '10000000-0000-4000-8000-000000000002', '10000000-0000-4000-8000-0000000000ac', 'vlan', 0, 2, 2, '{}', 'up',
    NULL, '{"name": "c", "size": 1, "beside": ["10000000-0000-4000-8000-00000000000a"]}', NULL,
    '2026-01-10 11:10+00', '2026-01-10 11:15+00', FALSE, 'c', 'stable', FALSE, FALSE, NULL
);

INSERT INTO public.lsm_serviceinstancemetadata (environment, service_instance_id, key, value)
VALUES ('10000000-0000-4000-8000-000000000002', '10000000-0000-4000-8000-00000000000a', 'ticket', 'T-1');

INSERT INTO public.lsm_serviceinstancelog (
    environment, service_instance_id, version, desired_state_version, service_entity, service_entity_version, timestamp, config,
    state, candidate_attributes, active_attributes, rollback_attributes, created_at, last_updated, deleted,
    service_identity_attribute_value, transfer_context
)
SELECT
    environment, id, generated.version, generated.version, service_entity, service_entity_version, created_at, config,
    generated.state, NULL, active_attributes, NULL, created_at, created_at, FALSE, service_identity_attribute_value, 'auto'
FROM public.lsm_serviceinstance
CROSS JOIN (VALUES (1, 'start'), (2, 'up')) AS generated (version, state);

INSERT INTO public.lsm_serviceinstanceevent (
    environment, id, service_instance_id, service_instance_version, service_desired_state_version, timestamp, source, destination,
    message, ignored_transition, event_correlation_id, severity, id_compile_report, event_type, is_error_transition, is_outcome
)
VALUES (
    '10000000-0000-4000-8000-000000000002', '10000000-0000-4000-8000-0000000000e1', '10000000-0000-4000-8000-00000000000a',
    1, 1, '2026-01-10 10:05+00', 'start', 'up', 'moved', FALSE, '10000000-0000-4000-8000-0000000000f1', 20, NULL,
    'AUTO_TRANSITION', FALSE, TRUE
);

INSERT INTO public.lsm_callback (environment, id, service_entity, url, event_types, minimal_log_level)
VALUES (
    '10000000-0000-4000-8000-000000000002', '10000000-0000-4000-8000-00000000000c', 'vlan', 'http://127.0.0.1:9/events',
    '{ON_UPDATE_TRANSITION}', 'WARNING'
);

INSERT INTO public.lsm_order (environment, id, description, created_at, completed_at, state)
VALUES
(
    '10000000-0000-4000-8000-000000000002', '10000000-0000-4000-8000-0000000000d1', 'done', '2026-01-10 10:04+00',
    '2026-01-10 10:06+00', 'success'
),
(
    '10000000-0000-4000-8000-000000000002', '10000000-0000-4000-8000-0000000000d2', 'to be carried on with',
    '2026-01-10 12:00+00', NULL, 'in_progress'
);

INSERT INTO public.lsm_orderitem (
    environment, order_id, instance_id, service_entity, action, config, attributes, edits, metadata, dependencies, state,
    failure_type, reason, start_version, validation_compile_id, instance_state_label, service_identity_attribute_value,
    service_identity_display_name
)
VALUES
(
    '10000000-0000-4000-8000-000000000002', '10000000-0000-4000-8000-0000000000d1', '10000000-0000-4000-8000-00000000000a',
    'vlan', 'update', '{}', NULL, '{"edits": [{"edit_id": "1", "operation": "replace", "target": "size", "value": 2}]}',
    '{"ticket": "T-1"}', '{}', 'completed', NULL, NULL, 2, NULL, 'success', 'a', 'name'
),
(
    '10000000-0000-4000-8000-000000000002', '10000000-0000-4000-8000-0000000000d2', '10000000-0000-4000-8000-00000000000b',
    'vlan', 'delete', NULL, NULL, NULL, NULL, '{}', 'acknowledged', NULL, NULL, NULL, NULL, NULL, 'b', 'name'
);
