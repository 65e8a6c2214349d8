"""Lists know how many instances there are, and an instance those that refer to it, without a walk through all of them."""

from asyncpg import Connection

DISABLED = False


async def update(connection: Connection) -> None:
    """
    Count the instances that there are, and all changes from now on; index what attribute sets refer to.

    :param connection: a connection in the transaction of the schema update
    """
    await connection.execute(COUNTS)
    await connection.execute(COUNTING)
    await connection.execute(REFERENCES)


COUNTS = """
-- The instances of a service, by the hour in which they were created: their number is the sum of the rows. Each change adds a
-- row and changes none, so that no transaction waits for another one; rows are merged now and then. There is no foreign key:
-- when an environment is deleted, so are its instances, and the sums are zero then.
CREATE TABLE public.lsm_instancecount (
    environment uuid NOT NULL,
    service_entity varchar NOT NULL,
    deleted boolean NOT NULL,
    created timestamp with time zone NOT NULL,
    instances bigint NOT NULL
);
CREATE INDEX lsm_instancecount_index
    ON public.lsm_instancecount (environment, service_entity, deleted, created) INCLUDE (instances);
INSERT INTO public.lsm_instancecount (environment, service_entity, deleted, created, instances)
    SELECT environment, service_entity, deleted, date_trunc('hour', created_at, 'UTC'), count(*)
    FROM public.lsm_serviceinstance GROUP BY 1, 2, 3, 4;
"""

COUNTING = """
CREATE FUNCTION public.lsm_count_added_instances() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO public.lsm_instancecount (environment, service_entity, deleted, created, instances)
        SELECT environment, service_entity, deleted, date_trunc('hour', created_at, 'UTC'), count(*)
        FROM added GROUP BY 1, 2, 3, 4;
    RETURN NULL;
END
$$;
CREATE FUNCTION public.lsm_count_removed_instances() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO public.lsm_instancecount (environment, service_entity, deleted, created, instances)
        SELECT environment, service_entity, deleted, date_trunc('hour', created_at, 'UTC'), -count(*)
        FROM removed GROUP BY 1, 2, 3, 4;
    RETURN NULL;
END
$$;
CREATE FUNCTION public.lsm_count_changed_instance() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO public.lsm_instancecount (environment, service_entity, deleted, created, instances)
        VALUES
            (OLD.environment, OLD.service_entity, OLD.deleted, date_trunc('hour', OLD.created_at, 'UTC'), -1),
            (NEW.environment, NEW.service_entity, NEW.deleted, date_trunc('hour', NEW.created_at, 'UTC'), 1);
    RETURN NULL;
END
$$;
CREATE TRIGGER lsm_count_added_instances AFTER INSERT ON public.lsm_serviceinstance
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION public.lsm_count_added_instances();
CREATE TRIGGER lsm_count_removed_instances AFTER DELETE ON public.lsm_serviceinstance
    REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION public.lsm_count_removed_instances();
-- Nearly all updates leave the counts as they are, and cost a comparison.
CREATE TRIGGER lsm_count_changed_instance AFTER UPDATE ON public.lsm_serviceinstance FOR EACH ROW
    WHEN (
        (OLD.environment, OLD.service_entity, OLD.deleted, OLD.created_at)
        IS DISTINCT FROM (NEW.environment, NEW.service_entity, NEW.deleted, NEW.created_at)
    )
    EXECUTE FUNCTION public.lsm_count_changed_instance();
"""

REFERENCES = """
-- All ids that the attribute sets of an instance hold, in whatever attribute: which of them are references is up to the
-- definition of the service, which may change.
CREATE FUNCTION public.lsm_ids_in_sets(candidate jsonb, active jsonb, rollback jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT
        jsonb_path_query_array(
            coalesce(candidate, '{}'), 'strict $.** ? (@ like_regex "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")'
        )
        || jsonb_path_query_array(
            coalesce(active, '{}'), 'strict $.** ? (@ like_regex "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")'
        )
        || jsonb_path_query_array(
            coalesce(rollback, '{}'), 'strict $.** ? (@ like_regex "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")'
        )
$$;
-- Without a list of what is pending, through which each read would have to go.
CREATE INDEX lsm_serviceinstance_ids_index ON public.lsm_serviceinstance
    USING gin (public.lsm_ids_in_sets(candidate_attributes, active_attributes, rollback_attributes))
    WITH (fastupdate = off) WHERE NOT deleted;
"""
