"""What a slow line gets at once: a first page that says what is coming, and files packed small.

Streamlit's own page is white until three megabytes of JavaScript have come, which it sends as they are:
17 s at 1.6 Mbit/s.
"""

import asyncio
import gzip
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.sentences import say
from pages.parts.shared.language.catalogues import translator
from pages.parts.shared.language.choice import language_of

_ROOT = b'<div id="root"></div>'
# React takes it away when it draws for the first time.
_SPLASH = (
    '<div id="root"><style>:root { color-scheme: light dark } .splash { font: 1.25rem sans-serif; '
    "margin: 30vh 1rem 0; text-align: center }</style>"
    '<div class="splash" role="status"><p><b>Digit Lab</b></p><p>%s</p></div></div>'
)
_LOADING = say("Loading the page…")
_LANGUAGE = b'<html lang="en"'
_TITLE, _OWN_TITLE = b"<title>Streamlit</title>", b"<title>Digit Lab</title>"
_PACKED_KINDS = ("text/javascript", "application/javascript", "text/css")
_SMALLEST = 1_000  # bytes; less is not worth packing
# All of Streamlit's files and Plotly come to some six megabytes, packed.
_MOST_KEPT = 32_000_000


class Delivery:
    """Puts a splash into the first page and sends scripts and styles packed, each packed once."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._kept: dict[tuple[str, str, int], bytes] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what is asked, and change what comes back."""
        if scope["type"] != "http" or scope["method"] != "GET" or "range" in Headers(scope=scope):
            await self._app(scope, receive, send)
            return
        accepts = "gzip" in Headers(scope=scope).get("accept-encoding", "")
        start: Message | None = None
        body = bytearray()

        async def collect(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start" and self._is_ours(message, accepts=accepts):
                start = message
            elif start is None:
                await send(message)
            else:
                body.extend(message.get("body", b""))
                if not message.get("more_body", False):
                    await self._deliver(scope, start, bytes(body), send)

        # A file that the server would send by itself never passes here.
        extensions = {
            name: value
            for name, value in scope.get("extensions", {}).items()
            if name != "http.response.pathsend"
        }
        await self._app({**scope, "extensions": extensions}, receive, collect)

    def _is_ours(self, message: Message, *, accepts: bool) -> bool:
        headers = Headers(raw=message["headers"])
        kind = headers.get("content-type", "")
        if message["status"] != 200 or "content-encoding" in headers:
            return False
        return kind.startswith("text/html") or (accepts and kind.startswith(_PACKED_KINDS))

    async def _deliver(self, scope: Scope, start: Message, body: bytes, send: Send) -> None:
        headers = MutableHeaders(raw=list(start["headers"]))
        if headers["content-type"].startswith("text/html"):
            body = _begun(body, language_of(HTTPConnection(scope)))
            headers.add_vary_header("Accept-Language")
        elif len(body) >= _SMALLEST:
            body = await self._pack(scope["path"], headers, body)
            headers["content-encoding"] = "gzip"
            headers.add_vary_header("Accept-Encoding")
        headers["content-length"] = str(len(body))
        await send({**start, "headers": headers.raw})
        await send({"type": "http.response.body", "body": body})

    async def _pack(self, path: str, headers: Any, body: bytes) -> bytes:
        key = path, headers.get("etag", ""), len(body)
        if key not in self._kept:
            packed = await asyncio.to_thread(gzip.compress, body, 6)
            if sum(map(len, self._kept.values())) + len(packed) > _MOST_KEPT:
                self._kept.clear()
            self._kept[key] = packed
        return self._kept[key]


def _begun(page: bytes, language: str) -> bytes:
    """Return Streamlit's first page with the splash and our title, in the language of who asks."""
    splash = (_SPLASH % translator(language).template(_LOADING)).encode()
    own_language = _LANGUAGE.replace(b"en", language.encode())
    return page.replace(_ROOT, splash, 1).replace(_TITLE, _OWN_TITLE, 1).replace(_LANGUAGE, own_language, 1)
