"""Authorization labels: what an access policy grants to a role."""

from inmanta.const import AuthorizationLabel


class LsmAuthorizationLabel(AuthorizationLabel):
    """The labels of the methods of LSM, as the default access policy of inmanta-core names them."""

    CALLBACK_READ = "lsm.callback.read"
    CALLBACK_WRITE = "lsm.callback.write"
    CATALOG_READ = "lsm.catalog.read"
    CATALOG_WRITE = "lsm.catalog.write"
    DOCS_READ = "lsm.docs.read"
    INSTANCE_READ = "lsm.instance.read"
    INSTANCE_WRITE = "lsm.instance.write"
    INSTANCE_MIGRATE = "lsm.instance.migrate"
    ORDER_READ = "lsm.order.read"
    ORDER_WRITE = "lsm.order.write"
    EXPERT_WRITE = "lsm.expert.write"
