"""Serves the app from a plain `python app.py`, with what Streamlit's own command cannot do.

The workers start with the server and not with the first visit; websockets of other origins are refused;
answers carry headers that browsers heed. Under `streamlit run` the pages are the same without these.
"""

import asyncio
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any
from urllib.parse import parse_qs

import click
import streamlit as st
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import config
from streamlit.web.cli import configurator_options

from pages.parts.shared import handles
from pages.parts.shared.delivery import Delivery

# No browser is opened beside a server, and a file that changes does not make half of the modules anew.
_OWN_OPTIONS = {"server.headless": True, "server.fileWatcherType": "none"}
_DEFAULT_PORTS = {"http": 80, "https": 443}
# The status that a refused websocket's handshake is closed with: policy violation, RFC 6455, 7.4.1.
_POLICY_VIOLATION = 1008
# What we put there has a hash or a version in its name: under one name it never changes.
_STATIC = "/app/static/"
_FOR_EVER = "public, max-age=31536000, immutable"


def serve(script: str) -> None:
    """Serve the pages of `script` until a signal ends this process.

    Takes the options and STREAMLIT_* variables of `streamlit run`: `python app.py --server.port 80`.
    """

    @click.command()
    @configurator_options
    def command(**options: Any) -> None:
        given = {name.replace("_", "."): value for name, value in options.items() if value not in (None, ())}
        app = st.App(script, lifespan=_with_workers, middleware=[Middleware(Guard), Middleware(Delivery)])
        # Uvicorn raises once more the signal that ended it: Python is to end as after any other script, which
        # takes the workers along.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit())
        with suppress(KeyboardInterrupt):  # Ctrl+C is how one ends it, and no error
            app.run(config=_OWN_OPTIONS | given)

    command()


@asynccontextmanager
async def _with_workers(_app: st.App) -> AsyncIterator[None]:
    # Runs that waited or were interrupted go on, whether or not anybody looks.
    handles.start_workers()
    yield
    await asyncio.to_thread(handles.stop_workers)


class Guard:
    """Refuses websockets that pages of another origin open, and adds the headers of a careful server.

    Streamlit takes any page of localhost and of this machine's addresses for its own, whatever the
    port, and browsers send cookies to all ports of a host: another program's page could act as its visitor.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what may pass."""
        if scope["type"] == "websocket" and not is_own_origin(Headers(scope=scope)):
            await send({"type": "websocket.close", "code": _POLICY_VIOLATION})
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        added = _headers(scope)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in added.items():
                    headers.setdefault(name, value)
                if _STATIC in scope["path"] and message["status"] == 200:
                    headers["Cache-Control"] = _FOR_EVER
            await send(message)

        await self._app(scope, receive, send_with_headers)


def is_own_origin(headers: Headers) -> bool:
    """Return whether a websocket was opened by a page of this server, or by no page at all.

    Programs send no Origin; a browser's page cannot leave it out. A proxy may rewrite Host, and then says
    the address that the browser used in X-Forwarded-Host, which no page can set for a websocket.
    """
    origin = headers.get("origin")
    if origin is None or not config.get_option("server.enableCORS"):
        return True
    if origin in config.get_option("server.corsAllowedOrigins"):
        return True
    scheme, _, place = origin.partition("://")
    if scheme not in _DEFAULT_PORTS or not place:
        return False
    asked = [headers.get("host", ""), headers.get("x-forwarded-host", "").split(",")[0]]
    return _with_port(place, scheme) in [_with_port(host, scheme) for host in asked if host]


def _with_port(host: str, scheme: str) -> str:
    host = host.strip().lower()
    return host if re.search(r":\d+$", host) else f"{host}:{_DEFAULT_PORTS[scheme]}"


def _headers(scope: Scope) -> dict[str, str]:
    """Return what browsers should know of an answer."""
    policy = ["object-src 'none'", "base-uri 'self'"]
    # `?embed=true` is how people put the app into a page of their own. A frame on another site does not get
    # the visitor's cookie, so nobody can be tricked there into pressing for runs of his own.
    if parse_qs(scope["query_string"].decode("latin-1")).get("embed") != ["true"]:
        policy.append("frame-ancestors 'self'")
    return {
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Content-Security-Policy": "; ".join(policy),
    }
