"""The app behind nginx, with the configuration that the documentation gives."""

import http.client
import socket
import ssl
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect

from tests.support.nginx import NAME, find_nginx, nginx_before
from tests.support.serve import ROOT, WITHOUT_WORKERS, Served

pytestmark = pytest.mark.skipif(find_nginx() is None, reason="nginx is not installed")

# Any of this machine's own, none that counts as the machine itself.
_VISITOR = "127.0.0.5"


@pytest.fixture(scope="module")
def ports(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, int]]:
    """Of nginx, for http and https."""
    home, folder = (tmp_path_factory.mktemp(name) for name in ("home", "nginx"))
    script = ROOT / "tests" / "support" / "address_app.py"
    with (
        Served(script, home, WITHOUT_WORKERS, serves_itself=True) as app,
        nginx_before(app.url, folder) as found,
    ):
        yield found


def trusting() -> ssl.SSLContext:
    """Return what takes a certificate that nobody has signed."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def open_page(port: int, origin: str, **headers: str) -> ClientConnection:
    """Open the websocket of a page at this origin, from another address than this machine's own."""
    visitor = socket.create_connection(("127.0.0.1", port), source_address=(_VISITOR, 0))
    return connect(
        f"wss://{NAME}:{port}/_stcore/stream",
        sock=visitor,
        ssl=trusting(),
        origin=origin,  # type: ignore[arg-type]
        subprotocols=["streamlit"],  # type: ignore[list-item]
        additional_headers=headers,
    )


def test_pages_come_over_tls_with_the_headers_of_a_careful_server(ports: tuple[int, int]) -> None:
    plain, secure = ports
    asked = http.client.HTTPConnection("127.0.0.1", plain)
    asked.request("GET", "/evaluate", headers={"Host": NAME})
    answer = asked.getresponse()
    assert (answer.status, answer.headers["Location"]) == (301, f"https://{NAME}/evaluate")
    asked = http.client.HTTPSConnection("127.0.0.1", secure, context=trusting())
    asked.request("GET", "/", headers={"Host": NAME})
    answer = asked.getresponse()
    assert answer.status == 200
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Strict-Transport-Security"]
    assert b"Digit Lab" in answer.read()


@pytest.mark.skipif(sys.platform != "linux", reason="needs more than one address of this machine")
def test_the_websocket_works_and_the_visitor_has_an_address_of_his_own(ports: tuple[int, int]) -> None:
    # What he says of himself counts for nothing.
    with open_page(ports[1], f"https://{NAME}:{ports[1]}", **{"X-Forwarded-For": "9.9.9.9"}) as page:
        asking = BackMsg()
        asking.rerun_script.query_string = ""
        page.send(asking.SerializeToString())
        for message in page:
            told = ForwardMsg.FromString(message).delta.new_element.markdown.body  # type: ignore[arg-type]
            if told:
                break
    assert told == f"You come from {_VISITOR}."


@pytest.mark.parametrize("origin", ["https://elsewhere.example", f"https://{NAME}:1", "null"])
def test_a_page_of_another_origin_is_refused(ports: tuple[int, int], origin: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        open_page(ports[1], origin)
    assert refused.value.response.status_code == 403


def test_the_configuration_stands_in_the_documentation() -> None:
    assert "(nginx.conf)" in Path(ROOT / "docs" / "deploy.md").read_text()
