"""The page of the bus: every subject, who sends it, who receives it, and what is in it."""

from __future__ import annotations

import re
from html import escape
from typing import Any

__all__ = ["bus_page", "prose"]

Json = dict[str, Any]


def prose(text: str) -> str:
    """Text as HTML: what stands between backticks is code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))


def bus_page(document: Json) -> str:
    """HTML of an AsyncAPI document, a channel at a time."""
    info = document["info"]
    commands: list[str] = []
    facts: list[str] = []
    others: list[str] = []
    for name, channel in document["channels"].items():
        kind = {"a command": commands, "a fact": facts}.get(channel.get("title", ""), others)
        kind.append(_channel(document, name, channel))
    return (
        f"<h1>The bus of {escape(info['title'])} <small>{escape(info['version'])}</small></h1>"
        f"<p>{prose(info['description'])}</p>"
        f"<h2>Commands</h2><p>What a person or a program may send.</p>{''.join(commands)}"
        f"<h2>Facts</h2><p>What the actors state.</p>{''.join(facts)}"
        f"<h2>Further channels</h2>{''.join(others)}"
    )


def _channel(document: Json, name: str, channel: Json) -> str:
    who = "".join(
        f"<tr><th>{title}</th><td>{escape(', '.join(_who(document, name, action)))}</td></tr>"
        for title, action in (("sent by", "send"), ("received by", "receive"))
    )
    bodies = "".join(_contract(document, contract) for contract in _contracts(document, name, channel))
    about = channel.get("description") or ""
    return (
        f"<details><summary><code>{escape(channel['address'])}</code> "
        f"<span class=d>{prose(about.partition(chr(10))[0])}</span></summary>"
        f"<p>{prose(about)}</p><table>{who}</table>{bodies}</details>"
    )


def _who(document: Json, channel: str, action: str) -> list[str]:
    ref = f"#/channels/{channel}"
    operations = document["operations"].values()
    mine = [each for each in operations if each["action"] == action and each["channel"]["$ref"] == ref]
    return sorted({tag["name"] for each in mine for tag in each["tags"]}) or ["nobody here"]


def _contracts(document: Json, name: str, channel: Json) -> list[Json]:
    """The schemas of what a channel carries; those that carry everything name no fields of their own."""
    schemas = document["components"]["schemas"]
    if name == "progress":
        return [schemas["Progress"]]
    if name not in document["components"]["messages"]:
        return []
    message = document["components"]["messages"][name]
    if "headers" in message:
        return [message["headers"]]
    payload = _resolved(document, message["payload"])
    return [_resolved(document, payload.get("properties", {}).get("data", payload))]


def _resolved(document: Json, node: Json) -> Json:
    while "$ref" in node:
        target: Any = document
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        node = target
    return node


def _contract(document: Json, schema: Json) -> str:
    required = schema.get("required", [])
    rows = "".join(
        f"<tr><th><code>{escape(name)}</code></th><td>{escape(_kind(document, item))}"
        f"{', required' if name in required else ''}</td><td>{prose(_about(document, item))}</td></tr>"
        for name, item in schema.get("properties", {}).items()
    )
    return f"<p><b>{escape(schema.get('title', ''))}</b></p><table>{rows}</table>"


def _kind(document: Json, item: Json) -> str:
    if "$ref" in item:
        return str(_resolved(document, item).get("title", "object"))
    if options := item.get("anyOf"):
        return " or ".join(kind for option in options if (kind := _kind(document, option)) != "null")
    if "enum" in item or "const" in item:
        return " | ".join(map(str, item.get("enum", [item.get("const")])))
    if item.get("type") == "array" and isinstance(inner := item.get("items"), dict):
        return f"list of {_kind(document, inner)}"
    return str(item.get("format") or item.get("type", "anything"))


def _about(document: Json, item: Json) -> str:
    if item.get("description"):
        return str(item["description"])
    options = [_about(document, option) for option in item.get("anyOf", []) if "$ref" not in option]
    return next(filter(None, options), "")
