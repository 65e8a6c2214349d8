"""Services and inventories for the tests."""
