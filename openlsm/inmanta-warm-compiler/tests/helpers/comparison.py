"""Warm compiles compared with cold ones."""

from collections.abc import Mapping

from .lab import Lab


async def assert_same(lab: Lab, *options: str, code: int = 0, variables: Mapping[str, str] | None = None) -> bytes:
    """
    Compile cold and twice warm, and compare.

    :param lab: has the project
    :param options: of the compiles
    :param code: the expected exit code
    :param variables: environment variables of the compiles
    :return: the output of the last compile
    """
    # The first compile writes bytecode and caches, which later ones find.
    await lab.warm(variables=variables)
    cold = await lab.cold(*options, variables=variables)
    assert cold.code == code, cold.errors.decode()
    for number in range(2):
        warm = await lab.warm(*options, variables=variables)
        assert warm.warm, lab.pool.refusals
        assert warm.comparable == cold.comparable, f"compile {number}"
    return warm.output
