"""Service lifecycle management: the catalog, the inventory and the lifecycle engine, as an extension of the inmanta server."""
