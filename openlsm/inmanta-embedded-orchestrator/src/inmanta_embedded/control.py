"""The signals by which an orchestrator is told what to do."""

import signal

STOP = signal.SIGTERM
"""To the guard, which hands it on to the supervisor: stop everything."""

START_AGAIN = signal.SIGHUP
"""To the supervisor, while the server is down: start it."""
