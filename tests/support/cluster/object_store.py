"""A real S3 server over a folder, which asks for keys: rclone's."""

import http.client
import secrets
import shutil
import sys
from pathlib import Path

from tests.support.cluster.server import CannotStart, Server
from tests.support.serve import free_port

_BUCKET = "digitlab"
_OPTIONS = ("--config", "", "--log-level", "ERROR")


class ObjectStore:
    """An S3 server that listens on this machine only.

    Parameters
    ----------
    folder
        What it keeps lies here.

    Attributes
    ----------
    url
        What DIGITLAB_ARTIFACT_URL says.
    environment
        The variables with which s3fs, as every other AWS client, finds the server and is let in.

    Raises
    ------
    CannotStart
        If rclone is not installed, or does not start.
    """

    def __init__(self, folder: Path) -> None:
        port = free_port()
        key, secret = secrets.token_hex(10), secrets.token_hex(20)
        self.url = f"s3://{_BUCKET}/runs"
        self.environment = {
            "AWS_ENDPOINT_URL_S3": f"http://127.0.0.1:{port}",
            "AWS_ACCESS_KEY_ID": key,
            "AWS_SECRET_ACCESS_KEY": secret,
            "AWS_DEFAULT_REGION": "us-east-1",
        }
        kept = folder / "objects"
        (kept / _BUCKET).mkdir(parents=True)
        self._port = port
        self._server = Server(
            [
                _rclone(),
                "serve",
                "s3",
                kept,
                "--addr",
                f"127.0.0.1:{port}",
                "--config",
                "",
                "--log-level",
                "ERROR",
            ],
            folder / "s3.log",
            self._answers,
            # Not among the arguments, which everybody on this machine can read.
            environment={"RCLONE_AUTH_KEY": f'"{key},{secret}"'},
        )

    def start(self) -> None:
        """Start it, or start it again with what it holds."""
        self._server.start()

    def stop(self) -> None:
        """Stop it."""
        self._server.stop()

    def _answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=2)
        try:
            connection.request("GET", "/")
            # It does not know us; what it calls that is its affair.
            return 400 <= connection.getresponse().status < 500
        except OSError:
            return False
        finally:
            connection.close()


def _rclone() -> str:
    beside = Path(sys.executable).with_name("rclone")
    found = str(beside) if beside.exists() else shutil.which("rclone")
    if found is None:
        raise CannotStart("rclone is not installed, whose S3 server is used")
    return found
