"""Allocators of ImportantCustomerService."""

from inmanta_plugins.lsm.allocation_helpers import allocator


# The annotations are types of the inmanta language, which is what the decorator is documented to take.
@allocator()
def resolve_customer_info(
    service: "lsm::ServiceEntity",  # type: ignore[valid-type]  # noqa: F722
    attribute_path: "string",  # type: ignore[name-defined]  # noqa: F821
    *,
    customer_reference: "string",  # type: ignore[name-defined]  # noqa: F821
) -> "dict":  # type: ignore[type-arg]
    """
    What is known about a customer: a stand-in for a lookup in an inventory of customers.

    :param service: the service that the information is for
    :param attribute_path: where in the service it will be stored
    :param customer_reference: the reference of the customer
    """
    return {
        "ref": customer_reference,
        "address": f"{customer_reference} street 1, 3000 Leuven, Belgium",
        "contact": f"contact@{customer_reference}.example",
    }
