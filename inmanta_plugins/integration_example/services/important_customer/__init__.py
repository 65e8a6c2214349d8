"""Python side of ImportantCustomerService."""
