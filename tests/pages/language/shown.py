"""All texts on a page: of every element, whatever it is, and of the scripts in it."""

import json
import re
from collections.abc import Iterator
from html import unescape
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Block, Node

from core.inside import compact
from pages.parts.shared.words import WORD_JOINER

# Fields of Streamlit's messages that nobody reads.
NOT_SHOWN = {
    *("id", "key", "icon", "form_id", "page", "page_script_hash", "query_string", "url", "user_key"),
    *("component_name", "class_name", "figure_json", "config", "default", "type", "element_id"),
    *("file_urls", "url_pathname", "set_value", "raw_values", "data_url", "arrow_data", "css", "js"),
    *("upload_url", "static_data", "hash", "spec", "query_params", "string_value", "component_id"),
    *("tag", "query_param_key", "deferred_file_id"),
    *("html_content", "css_content", "js_content", "theme", "selection_mode", "anchor", "color", "position"),
}
# What a figure of Plotly shows.
OF_FIGURES = {"text", "name", "hovertext", "ticktext", "hovertemplate"}
# What a component of ours is told to show.
OF_COMPONENTS = {"label", "copied", "by_hand", "failure", "what", "when", "title", "name"}
_ATTRIBUTES = re.compile(r'(?:alt|title|aria-label)="([^"]*)"')


def texts(app: AppTest) -> list[str]:
    """Return every text on the page."""
    found: list[str] = []
    for block in app._tree.children.values():
        found += _of_node(block)
    return [one for one in found if one.strip()]


def _of_node(node: Node) -> Iterator[str]:
    proto = getattr(node, "proto", None)
    kind = getattr(node, "type", "")
    if isinstance(proto, Message):
        if kind == "html":
            yield from _of_html(proto.body)
        elif kind == "plotly_chart":
            yield from _of_data(json.loads(proto.spec), OF_FIGURES)
        elif kind == "bidi_component":
            yield from _of_component(proto)
        else:
            yield from _of_message(proto)
    if isinstance(node, Block):
        for child in node.children.values():
            yield from _of_node(child)


def _of_message(message: Message) -> Iterator[str]:
    for field, value in message.ListFields():
        if field.name in NOT_SHOWN:
            continue
        values = [value] if isinstance(value, (str, Message)) else value
        if field.type == FieldDescriptor.TYPE_STRING:
            yield from values
        elif field.type == FieldDescriptor.TYPE_MESSAGE:
            for one in values:
                if isinstance(one, Message):
                    yield from _of_message(one)


def _of_html(body: str) -> Iterator[str]:
    body = re.sub("<style>.*?</style>", "", body, flags=re.DOTALL)
    yield from map(unescape, _ATTRIBUTES.findall(body))
    yield unescape(re.sub("<[^>]*>", " ", body))


def _of_component(proto: Any) -> Iterator[str]:
    if proto.bytes:
        first, _line, rest = proto.bytes.partition(b"\n")
        yield from _of_data(json.loads(first), OF_COMPONENTS)
        if rest:
            yield from _of_data(compact.unpack(rest)[0], OF_COMPONENTS)
    elif proto.json:
        yield from _of_data(json.loads(proto.json), OF_COMPONENTS)


def _of_data(data: Any, shown: set[str], key: str = "") -> Iterator[str]:
    if isinstance(data, dict):
        for name, value in data.items():
            yield from _of_data(value, shown, name if not isinstance(value, str) or name in shown else "")
    elif isinstance(data, list):
        for value in data:
            yield from _of_data(value, shown, key)
    elif isinstance(data, str) and key in shown:
        yield data


def outside(text: str) -> str:
    """Return what of a text is in no brackets, without the marks of Markdown."""
    text = text.replace(WORD_JOINER, "")
    while (less := re.sub("⟦[^⟦⟧]*⟧", " ", text)) != text:
        text = less
    text = re.sub(r":material/\w+:", " ", text)
    return re.sub(r"<[^>]*>", " ", text)
