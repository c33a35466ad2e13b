"""A visitor without a browser: speaks Streamlit's own protocol, so that thirty fit on a small machine.

It does what the browser does with the page's scripts: opens a page, presses buttons, lets fragments come
again at their interval, sends what a component says. What it receives it keeps as a browser would: elements
by their place. Nothing is drawn, so only the server's time is measured.
"""

import asyncio
import json
import secrets
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect

PATIENCE = 120.0


class Visitor:
    """One browser: one cookie, one websocket.

    Attributes
    ----------
    elements
        What is on show: place on the page -> element as Streamlit's message has it.
    seconds
        What the server took for each answer, by action: seconds from asking to the end of the script.
    """

    def __init__(self, url: str, workspace: str | None = None) -> None:
        self._url = url
        self.workspace = workspace or secrets.token_hex(12)
        self.elements: dict[tuple[int, ...], Any] = {}
        self.seconds: dict[str, list[float]] = {}
        self._fragments: dict[tuple[int, ...], str] = {}
        self._living: object | None = None  # the interval that holds now; an earlier one ends by itself
        self._ticking: set[asyncio.Task[None]] = set()
        self._pages: dict[str, str] = {}
        self._page = self._query = ""
        self._socket: ClientConnection | None = None
        self._changed = asyncio.Condition()
        self._pages_finished = self._fragments_finished = 0
        self._reading: asyncio.Task[None] | None = None
        self._asking = asyncio.Lock()

    async def __aenter__(self) -> Self:
        """Connect, as a page does that has just been loaded."""
        self._socket = await connect(
            self._url.replace("http", "ws", 1) + "/_stcore/stream",
            subprotocols=["streamlit"],  # type: ignore[list-item]
            additional_headers={"Cookie": f"digitlab_workspace={self.workspace}", "Origin": self._url},
            max_size=None,
        )
        self._reading = asyncio.create_task(self._read())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the page."""
        assert self._socket is not None
        assert self._reading is not None
        for task in (*self._ticking, self._reading):
            task.cancel()
        await self._socket.close()

    async def open(self, path: str = "", query: str = "") -> None:
        """Go to a page of the app by its path, "" for the first."""
        self._page, self._query = self._pages.get(path, ""), query
        self._living = None
        self.elements.clear()
        await self._ask(f"open {path or 'train'}")

    async def press(self, label: str) -> None:
        """Press the button with this label, once it is there and can be pressed."""
        await self.wait_for(lambda: self._button(label) is not None, f"the button “{label}”")
        place, button = next(filter(None, [self._button(label)]))
        message = self._message(self._fragments.get(place, ""))
        state = message.rerun_script.widget_states.widgets.add()
        state.id, state.trigger_value = button.id, True
        await self._ask(f"press {label}", message)

    async def say(self, component: str, value: object) -> None:
        """Send what the component with this key reports."""
        components = {
            place: element.bidi_component
            for place, element in self.elements.items()
            if element.WhichOneof("type") == "bidi_component"
        }
        place, found = next(one for one in components.items() if one[1].id.endswith(f"-{component}"))
        message = self._message(self._fragments.get(place, ""))
        state = message.rerun_script.widget_states.widgets.add()
        state.id, state.json_value = found.id, json.dumps(value)
        await self._ask(f"say {component}", message)

    async def wait_for(self, condition: Callable[[], bool], what: str, patience: float = PATIENCE) -> None:
        """Wait until `condition` holds; raise `TimeoutError` that says what was missed."""
        try:
            async with asyncio.timeout(patience), self._changed:
                await self._changed.wait_for(condition)
        except TimeoutError:
            shown = " | ".join(self.texts())[-1_500:]
            raise TimeoutError(f"waited {patience:.0f} s for {what}; on show: {shown}") from None

    def texts(self) -> list[str]:
        """Return the words on show: of texts, messages, progress bars."""
        found = []
        for element in self.elements.values():
            kind = element.WhichOneof("type")
            body = getattr(element, kind) if kind else None
            for attribute in ("body", "text", "message"):
                words = getattr(body, attribute, "")
                if isinstance(words, str) and words:
                    found.append(words)
        return found

    @property
    def query(self) -> str:
        """Return the part of the page's address behind the question mark, as the page last set it."""
        return self._query

    def errors(self) -> list[str]:
        """Return the error boxes on show, exceptions among them."""
        found = []
        for element in self.elements.values():
            kind = element.WhichOneof("type")
            if kind == "exception":
                found.append(element.exception.message)
            elif kind == "alert" and element.alert.format == element.alert.ERROR:
                found.append(element.alert.body)
        return found

    def _button(self, label: str) -> tuple[tuple[int, ...], Any] | None:
        for place, element in self.elements.items():
            if element.WhichOneof("type") == "button" and element.button.label == label:
                return None if element.button.disabled else (place, element.button)
        return None

    def _message(self, fragment: str = "", *, is_tick: bool = False) -> BackMsg:
        message = BackMsg()
        asked = message.rerun_script
        asked.query_string, asked.page_script_hash = self._query, self._page
        asked.fragment_id, asked.is_auto_rerun = fragment, is_tick
        return message

    async def _ask(self, action: str, message: BackMsg | None = None, *, mark: object | None = None) -> None:
        """Have the script run and wait for its end; one question at a time, as a page has one script.

        With a `mark` nothing is asked if another interval holds by the time it is this question's turn:
        the page was drawn anew, and the server does not answer for a fragment that is gone.
        """
        assert self._socket is not None
        async with self._asking:
            if mark is not None and mark is not self._living:
                return
            asked = message or self._message()
            # A fragment may ask for the whole page instead (`st.rerun`); a page that is asked for is not
            # answered by the end of a fragment that was still on its way.
            is_fragment = bool(asked.rerun_script.fragment_id)
            pages, fragments, began = self._pages_finished, self._fragments_finished, time.monotonic()
            await self._socket.send(asked.SerializeToString())
            await self.wait_for(
                lambda: (
                    self._pages_finished > pages or (is_fragment and self._fragments_finished > fragments)
                ),
                f"the answer to “{action}”",
            )
            self.seconds.setdefault(action, []).append(time.monotonic() - began)

    async def _read(self) -> None:
        assert self._socket is not None
        async for data in self._socket:
            message = ForwardMsg()
            message.ParseFromString(data if isinstance(data, bytes) else data.encode())
            async with self._changed:
                self._take(message)
                self._changed.notify_all()

    def _take(self, message: ForwardMsg) -> None:
        match message.WhichOneof("type"):
            case "delta":
                place = tuple(message.metadata.delta_path)
                self._fragments[place] = message.delta.fragment_id
                if message.delta.HasField("new_element"):
                    self.elements[place] = message.delta.new_element
                else:  # a block: what was below its place is gone
                    for old in [one for one in self.elements if one[: len(place)] == place]:
                        del self.elements[old]
            case "navigation":
                self._pages = {
                    page.url_pathname: page.page_script_hash for page in message.navigation.app_pages
                }
            case "page_info_changed":
                self._query = message.page_info_changed.query_string
            case "auto_rerun":
                self._tick(message.auto_rerun.fragment_id, message.auto_rerun.interval)
            case "script_finished":
                self._pages_finished += message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY
                self._fragments_finished += (
                    message.script_finished == ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY
                )

    def _tick(self, fragment: str, interval: float) -> None:
        self._living = mark = object()  # a page has one living panel
        task = asyncio.create_task(self._come_again(fragment, interval, mark))
        self._ticking.add(task)
        task.add_done_callback(self._ticking.discard)

    async def _come_again(self, fragment: str, interval: float, mark: object) -> None:
        await asyncio.sleep(interval)
        while self._living is mark:
            await self._ask("tick", self._message(fragment, is_tick=True), mark=mark)
            await asyncio.sleep(interval)
