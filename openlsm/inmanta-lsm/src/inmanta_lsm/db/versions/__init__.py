"""The versions of the schema: each module brings the schema one version further, in the order of the module names."""
