"""What all tests of this repository share, those of the packages in ``openlsm`` included."""

import atexit
import gc
import signal

import pytest
from hypothesis import HealthCheck, settings

# A compile makes up to some million objects that stay until it is over: to look through them for circles again and again, as
# Python does by default, takes a third of the time of a test that compiles.
gc.set_threshold(2_000_000, 20, 100)
# At the end all of it goes with the process, without being looked through once more.
atexit.register(gc.freeze)

# In the background of a shell interrupts are ignored, also by all that is started there. Some tests interrupt what they start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# How long an example takes depends on what else the machine does, and tells nothing about the code.
settings.register_profile("any speed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
# For a second platform, when all examples were tried on the first one: `inv test --few` asks for it.
settings.register_profile("few", settings.get_profile("any speed"), max_examples=10)
settings.load_profile("any speed")

# The marks of what takes longest, and of what takes long.
BEFORE_OTHERS = (("long",), ("full", "set_up"))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start first what takes longest, else in the order that there is: all workers wait for the one that starts it last."""

    def turn(item: pytest.Item) -> int:
        marks = {mark.name for mark in item.iter_markers()}
        return next((number for number, names in enumerate(BEFORE_OTHERS) if not marks.isdisjoint(names)), len(BEFORE_OTHERS))

    items.sort(key=turn)
