"""What `python app.py` adds to Streamlit's server: whose websockets it takes, and headers."""

import asyncio
from collections.abc import MutableMapping
from typing import Any

import pytest
from streamlit import config

from pages.parts.shared.server import Guard

Messages = list[MutableMapping[str, Any]]


def answer(kind: str, query: str = "", *, path: str = "/", status: int = 200, **headers: str) -> Messages:
    """Return what is sent for one request, through the guard, by a server that takes all."""

    async def server(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.accept"})
            return
        await send(
            {"type": "http.response.start", "status": status, "headers": [(b"content-type", b"text/html")]}
        )
        await send({"type": "http.response.body", "body": b""})

    sent: Messages = []

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    async def receive() -> MutableMapping[str, Any]:
        return {"type": f"{kind}.connect"}

    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": kind, "path": path, "query_string": query.encode(), "headers": raw}
    asyncio.run(Guard(server)(scope, receive, send))
    return sent


def is_taken(**headers: str) -> bool:
    (message,) = answer("websocket", **headers)
    return bool(message["type"] == "websocket.accept")


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "lab.example:8501"},  # a program, no page
        {"host": "lab.example:8501", "origin": "http://lab.example:8501"},
        {"host": "LAB.example", "origin": "https://lab.example"},
        {"host": "lab.example:443", "origin": "https://lab.example"},
        {"host": "lab.example", "origin": "http://lab.example:80"},
        {"host": "[::1]:8501", "origin": "http://[::1]:8501"},
        {"host": "127.0.0.1:8501", "x_forwarded_host": "lab.example", "origin": "https://lab.example"},
        {"host": "a:1", "x_forwarded_host": "lab.example, inner", "origin": "https://lab.example"},
    ],
)
def test_a_page_of_this_server_may_open_a_websocket(headers: dict[str, str]) -> None:
    assert is_taken(**headers)


@pytest.mark.parametrize(
    "origin",
    [
        "http://localhost:9999",
        "http://127.0.0.1:8501",
        "http://localhost",
        "https://localhost:8502",
        "https://evil.example",
        "http://localhost:8501.evil.example",
        "http://localhost:port",
        "null",
        "",
    ],
)
def test_a_page_of_another_origin_may_not(origin: str) -> None:
    assert not is_taken(host="localhost:8501", origin=origin)


def test_who_runs_the_server_may_allow_other_origins(monkeypatch: pytest.MonkeyPatch) -> None:
    options: dict[str, Any] = {
        "server.enableCORS": True,
        "server.corsAllowedOrigins": ["https://lab.example"],
    }
    monkeypatch.setattr(config, "get_option", options.__getitem__)
    assert is_taken(host="localhost:8501", origin="https://lab.example")
    assert not is_taken(host="localhost:8501", origin="https://lab.example:444")
    options["server.enableCORS"] = False
    assert is_taken(host="localhost:8501", origin="https://lab.example:444")


def test_answers_carry_the_headers_of_a_careful_server() -> None:
    for query, is_framed_by_anybody in (("", False), ("embed=true", True), ("embed=false&run=1", False)):
        headers = dict(answer("http", query)[0]["headers"])
        assert headers[b"x-content-type-options"] == b"nosniff"
        assert headers[b"referrer-policy"] == b"same-origin"
        policy = headers[b"content-security-policy"]
        assert (b"frame-ancestors 'self'" not in policy) is is_framed_by_anybody
        assert headers[b"content-type"] == b"text/html"


@pytest.mark.parametrize(
    ("path", "status", "is_kept"),
    [
        ("/app/static/weights/a1b2.bin", 200, True),
        ("/base/app/static/live_reading-a1b2/view.js", 200, True),
        ("/app/static/weights/gone.bin", 404, False),
        ("/draw", 200, False),
    ],
)
def test_browsers_keep_files_whose_name_tells_their_content(path: str, status: int, *, is_kept: bool) -> None:
    (begun, _body) = answer("http", path=path, status=status)
    assert (b"cache-control", b"public, max-age=31536000, immutable") in begun["headers"] or not is_kept
    assert is_kept or b"cache-control" not in dict(begun["headers"])
