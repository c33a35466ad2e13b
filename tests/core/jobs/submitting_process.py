"""A process that has a run trained: `python -m tests.core.jobs.submitting_process RUN`.

Prints one JSON line: the run's status, the processes left after closing, and whether
TensorFlow was loaded here. The guard at the end is for Dask's workers, which import this again.
"""

import json
import sys
import threading

import psutil

from core.jobs.cluster import Jobs
from core.settings import get_settings
from core.store import RunStore


def main(run_id: str) -> None:
    """Submit the run, wait until it has ended, close."""
    settings = get_settings()
    store = RunStore.from_settings(settings)
    jobs = Jobs(settings, store)
    jobs.submit(run_id)
    pause = threading.Event()
    while store.get(run_id).status.is_alive:
        pause.wait(0.1)
    jobs.close()
    # Python's own helper ends with this process.
    left = [process.cmdline() for process in psutil.Process().children(recursive=True)]
    left = [command for command in left if not any("resource_tracker" in word for word in command)]
    print(
        json.dumps(
            {
                "status": store.get(run_id).status,
                "left": left,
                "tensorflow": any(name.split(".")[0] in ("tensorflow", "keras") for name in sys.modules),
            }
        )
    )


if __name__ == "__main__":
    main(sys.argv[1])
