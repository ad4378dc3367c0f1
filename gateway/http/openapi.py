"""The OpenAPI document as the door really answers: every status, problem documents, validators, and examples."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

from contracts.subjects import COMMANDS
from gateway.http.examples import example

__all__ = ["DescribedAPI"]

Json = dict[str, Any]

_PROBLEM: Json = {
    "title": "Problem",
    "description": "RFC 9457: what happened, to what, and what to do next.",
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "examples": ["about:blank"]},
        "title": {"type": "string", "description": "the status in words"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "what happened, for a person"},
        "advice": {"type": "string", "description": "what to do next"},
        "field": {"type": "string", "description": "the field or parameter that does not fit"},
    },
}
# Status: when, and an example of what is said then.
_STATUS: dict[int, tuple[str, str]] = {
    400: ("the request is broken off, or is no form", "the upload broke off"),
    401: ("the access token is missing, wrong or has run out", "the access token is missing or wrong"),
    403: ("whoever asks may not do this", "ada may not see who did what, when and from where"),
    404: ("it is not there, or is somebody else's", "there is no render 'r_0123456789abcdef0123'"),
    409: ("it does not go together with what is there", "p_0123456789abcdef0123 is not out, as far as is known"),
    410: ("nobody wants it any more", "nobody follows 'yt_0123456789abcdef' (any more)"),
    413: ("the body is too large", "the body is larger than 1048576 bytes"),
    415: ("the file is of a kind that is not taken", "video: this is no video"),
    416: ("the range lies outside of the file", "the file has 1048576 bytes"),
    421: ("the request names another host", "this host name is not one of this server's"),
    422: ("a field or parameter does not fit; `field` names it", "limit: it must be at least 1"),
    429: ("too much was asked in too short a time; `Retry-After` tells when to ask again", "too many requests"),
    503: (
        "something that is needed does not answer; `Retry-After` tells when to ask again",
        "the database does not answer",
    ),
}
_EVERYWHERE = (401, 403, 421, 422, 429, 503)
# What only some can answer. What a command names may be somebody else's: a 404 without an id in the address.
_MORE: dict[tuple[str, str], tuple[int, ...]] = {
    ("post", "/auth/password"): (409,),
    ("post", "/auth/register"): (409,),
    ("put", "/users/me"): (409,),
    ("post", "/users"): (409,),
    ("post", "/users/{user_id}/reset"): (409,),
    ("post", "/users/{user_id}/tokens"): (409,),
    ("patch", "/users/{user_id}"): (409,),
    ("post", "/channels"): (409,),
    ("put", "/channels/{channel_id}"): (409,),
    ("delete", "/publications/{publication_id}"): (409,),
    ("get", "/renders/{render_id}/media"): (416,),
    ("post", "/clips"): (400, 404, 415),
    ("post", "/discovery/scan"): (404,),
    ("post", "/publications"): (404,),
    ("post", "/renders"): (404,),
}
_PREFIX = "/api/v1"
_LOCAL_TIME = r"^\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?$"
_LATER: Json = {"Retry-After": {"description": "seconds to wait", "schema": {"type": "string"}}}
_ETAG: Json = {"ETag": {"description": "for `If-None-Match`", "schema": {"type": "string"}}}
_IF_NONE_MATCH: Json = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "`ETag` of the answer that you have: unchanged, it is answered with 304 and no body",
    "schema": {"type": "string"},
}


class DescribedAPI(FastAPI):
    """An app whose document tells what the routes alone cannot."""

    def openapi(self) -> Json:
        """The document, made once, and anew where routes have come since."""
        made = super().openapi()
        if "Problem" not in made["components"]["schemas"]:
            self.openapi_schema = made = _complete(made)
        return made


def _complete(made: Json) -> Json:
    document: Json = _moved(made)
    schemas: Json = document["components"]["schemas"]
    schemas["Problem"] = _PROBLEM
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            _add_body(operation, path, schemas)
            _add_answers(operation, path, method)
            _add_examples(operation, schemas)
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    return document


def _add_body(operation: Json, path: str, schemas: Json) -> None:
    """Contracts among the components, where their references lead; unknown fields are refused."""
    for kind, media in operation.get("requestBody", {}).get("content", {}).items():
        media["schema"] = schema = _hoisted(media["schema"], schemas)
        if kind == "application/json" and schema.get("properties"):
            schema["additionalProperties"] = False
    if path == "/api/v1/events/{subject}":
        bodies = {command.name: _hoisted(command.model.model_json_schema(), schemas) for command in COMMANDS}
        media = operation["requestBody"]["content"]["application/json"]
        media["examples"] = {
            name: {"summary": name, "value": example(schema, schemas)} for name, schema in bodies.items()
        }


def _hoisted(schema: Json, schemas: Json) -> Json:
    """A schema that brings its own definitions, as one that refers to the document's."""
    for name, definition in schema.pop("$defs", {}).items():
        schemas.setdefault(name, _moved(definition))
    moved: Json = _moved(schema)
    return moved


def _moved(node: Any) -> Any:
    if isinstance(node, dict):
        if (
            node.get("format") == "time"
        ):  # that of JSON Schema has an offset; ours are a person's, in the zone beside it
            node = {**{key: value for key, value in node.items() if key != "format"}, "pattern": _LOCAL_TIME}
        return {
            key: value.replace("#/$defs/", "#/components/schemas/") if key == "$ref" else _moved(value)
            for key, value in node.items()
        }
    return [_moved(each) for each in node] if isinstance(node, list) else node


def _add_answers(operation: Json, path: str, method: str) -> None:
    answers: Json = operation["responses"]
    told = {int(status) for status in answers if int(status) >= 400}
    statuses = {*_EVERYWHERE, *told, *_MORE.get((method, path.removeprefix(_PREFIX)), ())}
    if path.endswith("/callback") or path.startswith("/hooks/"):  # nobody needs a token there
        statuses -= {401, 403} - told
    if "{" in path:
        statuses.add(404)
    if "requestBody" in operation:
        statuses.add(413)
    for status in sorted(statuses):
        if status == 422 or not answers.get(str(status), {}).get("content"):
            answers[str(status)] = _problem(status)
    if method == "get" and "application/json" in answers.get("200", {}).get("content", {}):
        answers["200"].setdefault("headers", {}).update(_ETAG)
        answers["304"] = {"description": "what you have is still right", "headers": _ETAG}
        operation.setdefault("parameters", []).append(_IF_NONE_MATCH)
    operation["responses"] = dict(sorted(answers.items()))


def _problem(status: int) -> Json:
    when, said = _STATUS[status]
    value = {"type": "about:blank", "title": when, "status": status, "detail": said}
    content = {"schema": {"$ref": "#/components/schemas/Problem"}, "examples": {"problem": {"value": value}}}
    answer: Json = {"description": when, "content": {"application/problem+json": content}}
    return answer | ({"headers": _LATER} if status in {429, 503} else {})


def _add_examples(operation: Json, schemas: Json) -> None:
    contents = [operation.get("requestBody", {}), *operation["responses"].values()]
    for content in contents:
        for kind, media in content.get("content", {}).items():
            if "json" in kind and "schema" in media and "examples" not in media and "example" not in media:
                media["examples"] = {"example": {"value": example(media["schema"], schemas)}}
