"""
Python processes of an orchestrator start and end without looking for garbage in vain.

Python imports the module of this name by itself, before all others. Imports of inmanta-core leave a quarter of a million
objects, for as long as the process lives: to look through them again and again as there are more of them, and once more for all
of them at the end, is a third of the time that a server, a scheduler, a compile or an agent takes to start and to end.
"""

import atexit
import gc
import importlib
import sys
from pathlib import Path

gc.set_threshold(100_000, 20, 100)
atexit.register(gc.freeze)

# There may be another module of this name, which Python would have imported: it is, from a path on which this folder never was.
_own = sys.modules.pop(__name__)
sys.path.remove(str(Path(__file__).parent))
try:
    importlib.import_module(__name__)
except ModuleNotFoundError as error:
    if error.name != __name__:
        raise
    sys.modules[__name__] = _own
