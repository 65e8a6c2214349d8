"""The ends of processes."""

import subprocess
import sys
import time

import psutil
from inmanta_embedded import processes
from inmanta_embedded.patience import patient

# Starts a process, and takes no note of its end.
CARELESS = "import signal, subprocess; print(subprocess.Popen(['sleep', '600']).pid, flush=True); signal.pause()"


def test_a_process_whose_parent_takes_no_note_of_its_end_has_ended_nevertheless() -> None:
    limit = patient(20)
    with subprocess.Popen([sys.executable, "-c", CARELESS], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        process = psutil.Process(int(parent.stdout.readline()))
        begin = time.monotonic()

        processes.kill([process], timeout=limit)

        took = time.monotonic() - begin
        assert process.status() == psutil.STATUS_ZOMBIE
        parent.kill()
    assert took < limit
