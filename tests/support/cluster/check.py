"""Runs tests against real servers: `python -m tests.support.cluster.check [pytest arguments]`.

Where a server cannot be had on this machine they are skipped, and it is said why.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from tempfile import TemporaryFile
from typing import IO

from tests.support.cluster.server import CannotStart
from tests.support.cluster.servers import Servers, servers
from tests.support.serve import ROOT

# What a search tries next is the same wherever it is noted.
_OF_SAMPLERS = ("tpe_looks", "lags_behind", "two_goals", "the_same_seed")
_OF_SQLITE = ("faults", "files", "migration", "read_only", "trouble")
# Two lanes side by side: what trains, and mostly waits; what reads and writes the store.
TRAINING = ("tests/core/jobs/test_elsewhere.py", "tests/core/training/test_resume.py")
STORE = (
    "tests/core/store",
    "tests/core/experiments",
    "tests/core/search",
    "-k",
    " and ".join(f"not {words}" for words in _OF_SAMPLERS),
    # These are about SQLite's file, or the disk.
    *(f"--ignore=tests/core/store/test_{name}.py" for name in _OF_SQLITE),
)


def main(arguments: list[str]) -> int:
    """Return the exit code of pytest, or 0 where there is nothing to test against.

    Options alone are for the usual tests; with a path those there are run instead.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # the servers go too
    has_path = any(not argument.startswith("-") for argument in arguments)
    try:
        with servers() as started, servers() as others:
            usual = [(started, [*TRAINING, *arguments]), (others, [*STORE, *arguments])]
            lanes = [(started, arguments)] if has_path else usual
            with ExitStack() as stack:
                outputs = [stack.enter_context(TemporaryFile("w+")) for _ in lanes]
                processes = [_start(*lane, output) for lane, output in zip(lanes, outputs, strict=True)]
                for process in processes:
                    stack.callback(process.kill)
                codes = [process.wait() for process in processes]
                for output in outputs:
                    output.seek(0)
                    print(output.read())
            return next((code for code in codes if code), 0)
    except CannotStart as error:
        print(f"The tests with real servers are skipped: {error}")
        return 0


def _start(on: Servers, arguments: Sequence[str], output: IO[str]) -> "subprocess.Popen[bytes]":
    environment = {
        **os.environ,
        **on.objects.environment,
        "DIGITLAB_TEST_DATABASE": on.database.url,
        "DIGITLAB_TEST_ARTIFACTS": on.objects.url,
        "DIGITLAB_TEST_CLUSTER": "yes",
    }
    command = [sys.executable, "-m", "pytest", "-ra", "-p", "no:cacheprovider", *arguments]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
