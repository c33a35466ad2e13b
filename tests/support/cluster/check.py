"""Runs tests against real servers: `python -m tests.support.cluster.check [pytest arguments]`.

Where a server cannot be had on this machine they are skipped, and it is said why.
"""

import os
import subprocess
import sys

from tests.support.cluster.server import CannotStart
from tests.support.cluster.servers import servers
from tests.support.serve import ROOT

# What reads and writes the store, from either side, and what starts workers.
WHAT = (
    "tests/core/jobs/test_elsewhere.py",
    "tests/core/store",
    "tests/core/experiments",
    # These are about SQLite's file, or the disk.
    *(f"--ignore=tests/core/store/test_{name}.py" for name in ("faults", "files", "migration", "read_only")),
)


def main(arguments: list[str]) -> int:
    """Return the exit code of pytest, or 0 where there is nothing to test against."""
    try:
        with servers() as started:
            environment = {
                **os.environ,
                **started.objects.environment,
                "DIGITLAB_TEST_DATABASE": started.database.url,
                "DIGITLAB_TEST_ARTIFACTS": started.objects.url,
                "DIGITLAB_TEST_CLUSTER": "yes",
            }
            command = [sys.executable, "-m", "pytest", "-ra", *(arguments or WHAT)]
            return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode
    except CannotStart as error:
        print(f"The tests with real servers are skipped: {error}")
        return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
