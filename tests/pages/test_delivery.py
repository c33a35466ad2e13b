"""What a slow line gets: a splash in the first page, and scripts packed once."""

import asyncio
import gzip
from typing import Any

import pytest
from starlette.responses import HTMLResponse, Response

from pages.parts.shared import delivery
from pages.parts.shared.delivery import Delivery

PAGE = '<html><title>Streamlit</title><body><div id="root"></div></body></html>'
SCRIPT = b"let digit = 7;\n" * 1_000


def ask(served: Delivery, path: str, **headers: str) -> tuple[dict[str, str], bytes]:
    """Return headers and body of the answer to one request."""
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.request"}

    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": "GET", "path": path, "headers": raw, "query_string": b""}
    asyncio.run(served(scope, receive, send))
    start, *bodies = sent
    told = {name.decode(): value.decode() for name, value in start["headers"]}
    return told, b"".join(message["body"] for message in bodies)


@pytest.fixture
def served() -> Delivery:
    async def server(scope: Any, receive: Any, send: Any) -> None:
        answers = {
            "/": HTMLResponse(PAGE),
            "/a.js": Response(SCRIPT, media_type="text/javascript"),
            "/small.js": Response(b"1", media_type="text/javascript"),
            "/picture.png": Response(SCRIPT, media_type="image/png"),
        }
        await answers[scope["path"]](scope, receive, send)

    return Delivery(server)


def test_the_first_page_says_what_is_coming(served: Delivery) -> None:
    headers, body = ask(served, "/", accept_encoding="gzip")
    assert b"Loading the page" in body
    assert b"<title>Digit Lab</title>" in body
    assert headers["content-length"] == str(len(body))
    assert "content-encoding" not in headers


def test_a_script_is_packed_once_and_for_those_who_can_unpack_it(
    served: Delivery, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed: list[int] = []
    compress = gzip.compress
    monkeypatch.setattr(
        delivery.gzip, "compress", lambda body, level: packed.append(level) or compress(body, level)
    )
    for _ in range(2):
        headers, body = ask(served, "/a.js", accept_encoding="br, gzip")
        assert (headers["content-encoding"], headers["vary"]) == ("gzip", "Accept-Encoding")
        assert headers["content-length"] == str(len(body))
        assert len(body) < len(SCRIPT) / 20
        assert gzip.decompress(body) == SCRIPT
    assert len(packed) == 1
    assert ask(served, "/a.js")[1] == SCRIPT
    assert ask(served, "/a.js", accept_encoding="gzip", range="bytes=0-9")[1] == SCRIPT


@pytest.mark.parametrize("path", ["/small.js", "/picture.png"])
def test_what_would_not_get_smaller_stays_as_it_is(served: Delivery, path: str) -> None:
    headers, _ = ask(served, path, accept_encoding="gzip")
    assert "content-encoding" not in headers


def test_what_is_kept_has_a_bound(served: Delivery, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "_MOST_KEPT", 10)
    ask(served, "/a.js", accept_encoding="gzip")
    assert len(served._kept) == 1
    _, body = ask(served, "/a.js", accept_encoding="gzip")
    assert gzip.decompress(body) == SCRIPT


def test_streamlits_page_has_what_the_splash_takes_the_place_of() -> None:
    from pathlib import Path

    import streamlit

    page = (Path(streamlit.__file__).parent / "static/index.html").read_bytes()
    assert page.count(delivery._ROOT) == 1
    assert page.count(delivery._TITLE) == 1


def test_the_first_page_is_in_the_language_of_the_browser(served: Delivery) -> None:
    headers, body = ask(served, "/", accept_language="de-DE,de;q=0.9")
    assert "Die Seite wird geladen…".encode() in body
    assert headers["vary"] == "Accept-Language"
    assert headers["content-length"] == str(len(body))
