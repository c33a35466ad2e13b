"""`make cluster`: a whole installation on this machine, for trying: Ctrl+C ends all of it.

PostgreSQL, an S3 server, a Dask scheduler with TLS, two workers, and the app that uses them. What is trained
there is gone with it.
"""

import argparse
import os
import signal
import sys
import threading
from contextlib import ExitStack

from core.settings import VARIABLE_PREFIX
from tests.support.cluster.installation import installation
from tests.support.cluster.server import CannotStart, Server
from tests.support.serve import ROOT


def main() -> int:
    """Start all, say where it is, and wait for Ctrl+C."""
    parser = argparse.ArgumentParser(prog="python -m tests.support.cluster", description=__doc__)
    parser.add_argument("--port", type=int, default=8501, help="of the app")
    parser.add_argument("--workers", type=int, default=2)
    arguments = parser.parse_args()
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    try:
        own = {name: value for name, value in os.environ.items() if name.startswith(VARIABLE_PREFIX)}
        with ExitStack() as stack:
            started = stack.enter_context(installation(arguments.workers, own))
            folder, environment = started.servers.folder, started.environment
            log = folder / "app.log"
            app = Server(
                [sys.executable, "app.py", "--server.port", str(arguments.port)],
                log,
                lambda: "You can now view" in log.read_text(),
                environment=environment,
                folder=ROOT,
            )
            stack.callback(app.stop)
            app.start()
            print(f"Digit Lab: http://localhost:{arguments.port}   (Ctrl+C ends all of it)\n")
            print("To use the same servers from another terminal:\n")
            for name, value in environment.items():
                print(f"export {name}={value}")
            print(f"\nLogs: {folder}/*.log; the first run waits for the workers.", flush=True)
            while not ended.wait(1.0) and app.is_running:
                pass
            if not ended.is_set():
                print(f"The app has ended:\n{app.log_text()[-2_000:]}", file=sys.stderr)
    except CannotStart as error:
        print(f"The cluster cannot be started: {error}", file=sys.stderr)
        return 1
    return 0 if ended.is_set() else 1


if __name__ == "__main__":
    sys.exit(main())
