"""Examples for the OpenAPI document: made from each schema, with the values that the names of its fields call for."""

from __future__ import annotations

from typing import Any

__all__ = ["example"]

Json = dict[str, Any]

_TIME = "2026-11-21T12:00:00Z"
_VIDEO = "https://www.youtube.com/watch?v=dQw4w9WgXcQ"
_SHA = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
_NAMED: Json = {
    "about": "render",
    "account_id": "outbox:default",
    "accounts": ["outbox:default"],
    "actor": "downloader",
    "advice": "Look whether it can be watched in a browser, then send it again",
    "attempts": 6,
    "author": "Ada Example",
    "candidate_id": "youtube:dQw4w9WgXcQ",
    "captions_url": "https://example.org/talk.en.vtt",
    "channel_id": "default",
    "clip_id": "youtube:dQw4w9WgXcQ",
    "clips": 3,
    "connection": _SHA,
    "description": "Three things that bees know of the sun.",
    "entity": "youtube:dQw4w9WgXcQ",
    "event_id": "5f0c2d9e-6d0c-5f2e-9c43-0b8f6f6f7a11",
    "field": "niche",
    "limit": 25,
    "next": "djE6MTIz",
    "niche": "how bees find home",
    "platform_id": "dQw4w9WgXcQ",
    "publication_id": "p_0123456789abcdef0123",
    "publications": ["p_0123456789abcdef0123"],
    "reason": "it stands alone and ends on a punch line",
    "recipe": "default",
    "render_id": "r_0123456789abcdef0123",
    "renders": ["r_0123456789abcdef0123"],
    "requested_by": "ada",
    "scan_id": "scan-2026-11-21",
    "sequence": 1234,
    "sha256": _SHA,
    "since_days": 7,
    "source": "youtube",
    "sources": ["youtube"],
    "stage": "render",
    "start": 12.0,
    "end": 41.5,
    "duration": 29.5,
    "subject": "candidate.approved",
    "subjects": ["render.done", "publish.*"],
    "title": "How bees find home",
    "uri": "media://renders/r_0123456789abcdef0123/video.mp4",
    "url": _VIDEO,
    "what": "the video is gone",
}
_STRINGS = {
    "date-time": _TIME,
    "date": "2026-11-21",
    "duration": "PT12S",
    "uri": "https://example.org/",
    "email": "ada@example.org",
    "uuid": "5f0c2d9e-6d0c-5f2e-9c43-0b8f6f6f7a11",
    "binary": "(the bytes of the file)",
    "password": "correct horse battery staple",
}


def example(schema: Json, components: Json, name: str = "", depth: int = 0) -> Any:
    """A value that fits a schema. `components`: the schemas by name; `name`: of the field that it is for."""
    if "$ref" in schema:
        return example(components[schema["$ref"].rpartition("/")[2]], components, name, depth)
    for told in ("const", "example"):
        if told in schema:
            return schema[told]
    if schema.get("examples"):
        return schema["examples"][0]
    if name in _NAMED and _fits(_NAMED[name], schema, components):
        return _NAMED[name]
    if schema.get("enum"):
        return schema["enum"][0]
    for several in ("anyOf", "oneOf", "allOf"):
        if options := schema.get(several):
            return example(
                next((each for each in options if each.get("type") != "null"), options[0]), components, name, depth
            )
    return _of_type(schema, components, name, depth)


def _of_type(schema: Json, components: Json, name: str, depth: int) -> Any:
    kind = schema.get("type", "object")
    if isinstance(kind, list):
        kind = kind[0]
    if kind == "object":
        return _object(schema, components, depth)
    if kind == "array":
        items = schema.get("items", {})
        few = max(schema.get("minItems", 0), 1 if depth < 3 else 0)
        return [example(each, components, name, depth + 1) for each in schema.get("prefixItems", [items] * few)]
    if kind == "string":
        return _STRINGS.get(schema.get("format", ""), schema.get("default") or _text(schema))
    if kind == "boolean":
        return schema.get("default", True)
    return schema.get("default", _number(schema)) if kind in {"integer", "number"} else None


def _object(schema: Json, components: Json, depth: int) -> Json:
    """What is required, and near the top what is not, because that is what a reader looks for."""
    required = schema.get("required", [])
    fields = schema.get("properties", {})
    return {
        name: example(item, components, name, depth + 1)
        for name, item in fields.items()
        if name in required or (depth < 2 and name in _NAMED)
    }


def _text(schema: Json) -> str:
    return "text".ljust(schema.get("minLength", 0), "x")[: schema.get("maxLength", 1000)]


def _number(schema: Json) -> Any:
    least: Any = schema.get("minimum", schema.get("exclusiveMinimum", 0))
    most: Any = schema.get("maximum", 1 << 30)
    return min(max(least + ("exclusiveMinimum" in schema), 1), most)


def _fits(value: Any, schema: Json, components: Json) -> bool:
    """Whether a named value is of the schema's type; the rest is held by a test."""
    kinds = _kinds(schema, components)
    if "enum" in schema and value not in schema["enum"]:
        return False
    told = {str: "string", int: "integer", float: "number", list: "strings"}[type(value)]
    return told in kinds or (told == "integer" and "number" in kinds)


def _kinds(schema: Json, components: Json) -> set[str]:
    """Names of the types that a schema allows; a list of strings counts as `strings`."""
    if "$ref" in schema:
        return _kinds(components[schema["$ref"].rpartition("/")[2]], components)
    if options := schema.get("anyOf"):
        return set().union(*(_kinds(each, components) for each in options))
    if schema.get("type") == "array" and "string" in _kinds(schema.get("items", {}), components):
        return {"strings"}
    return {schema.get("type", "")}
