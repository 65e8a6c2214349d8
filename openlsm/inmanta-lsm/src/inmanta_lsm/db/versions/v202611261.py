"""Services know how many of their instances are in each state, without a walk through all of them."""

from asyncpg import Connection

DISABLED = False


async def update(connection: Connection) -> None:
    """
    Count the instances that there are by their state too, and all changes of it from now on.

    :param connection: a connection in the transaction of the schema update
    """
    await connection.execute(COUNTING)
    await connection.execute(COUNTS)


COUNTING = """
-- Who writes instances waits from here on, so that what is counted below is all that was not counted by the new triggers.
DROP TRIGGER lsm_count_changed_instance ON public.lsm_serviceinstance;
CREATE OR REPLACE FUNCTION public.lsm_count_added_instances() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO public.lsm_instancecount (environment, service_entity, deleted, state, created, instances)
        SELECT environment, service_entity, deleted, state, date_trunc('hour', created_at, 'UTC'), count(*)
        FROM added GROUP BY 1, 2, 3, 4, 5;
    RETURN NULL;
END
$$;
CREATE OR REPLACE FUNCTION public.lsm_count_removed_instances() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO public.lsm_instancecount (environment, service_entity, deleted, state, created, instances)
        SELECT environment, service_entity, deleted, state, date_trunc('hour', created_at, 'UTC'), -count(*)
        FROM removed GROUP BY 1, 2, 3, 4, 5;
    RETURN NULL;
END
$$;
CREATE OR REPLACE FUNCTION public.lsm_count_changed_instance() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO public.lsm_instancecount (environment, service_entity, deleted, state, created, instances)
        VALUES
            (OLD.environment, OLD.service_entity, OLD.deleted, OLD.state, date_trunc('hour', OLD.created_at, 'UTC'), -1),
            (NEW.environment, NEW.service_entity, NEW.deleted, NEW.state, date_trunc('hour', NEW.created_at, 'UTC'), 1);
    RETURN NULL;
END
$$;
-- All other updates leave the counts as they are, and cost a comparison.
CREATE TRIGGER lsm_count_changed_instance AFTER UPDATE ON public.lsm_serviceinstance FOR EACH ROW
    WHEN (
        (OLD.environment, OLD.service_entity, OLD.deleted, OLD.state, OLD.created_at)
        IS DISTINCT FROM (NEW.environment, NEW.service_entity, NEW.deleted, NEW.state, NEW.created_at)
    )
    EXECUTE FUNCTION public.lsm_count_changed_instance();
"""

COUNTS = """
TRUNCATE public.lsm_instancecount;
ALTER TABLE public.lsm_instancecount ADD COLUMN state varchar NOT NULL;
DROP INDEX public.lsm_instancecount_index;
-- It leads to all counts of a service, or of an environment, and no further: each transfer adds to the index, which is cheaper
-- the less there is in it, and reading takes no longer.
CREATE INDEX lsm_instancecount_index ON public.lsm_instancecount (environment, deleted, service_entity);
INSERT INTO public.lsm_instancecount (environment, service_entity, deleted, state, created, instances)
    SELECT environment, service_entity, deleted, state, date_trunc('hour', created_at, 'UTC'), count(*)
    FROM public.lsm_serviceinstance GROUP BY 1, 2, 3, 4, 5;
"""
