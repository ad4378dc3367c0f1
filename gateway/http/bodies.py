"""The JSON body of a request, whatever its `Content-Type` says: `curl -d` calls everything a form."""

from __future__ import annotations

import json
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request
from pydantic import BaseModel, ValidationError

from contracts.base import as_json_says, control_in
from gateway.http.problems import ProblemError
from runtime.errors import Reject

__all__ = ["JsonBody", "MaybeJsonBody", "body", "documented", "fitting", "json_object", "parsed"]

M = TypeVar("M", bound=BaseModel)


async def json_object(request: Request) -> dict[str, Any]:
    """One JSON object. Raises a 422 problem; the size is bounded before this is reached."""
    return parsed(await request.body(), "Send one JSON object")


def parsed(told: bytes, advice: str) -> dict[str, Any]:
    """The JSON object in a body. Raises a 422 problem with this advice."""
    try:
        body = json.loads(told)
    except (ValueError, RecursionError):
        what = "this is no JSON" if told.strip() else "it is empty"
        raise ProblemError(422, f"body: {what}", advice=advice, field="body") from None
    if not isinstance(body, dict):
        raise ProblemError(422, "body: this is no JSON object", advice=advice, field="body")
    return body


async def _maybe(request: Request) -> dict[str, Any]:
    return await json_object(request) if await request.body() else {}


def documented(model: type[Any]) -> dict[str, Any]:
    """A model as the request's schema, for a route that validates by itself, with unknown fields refused."""
    return {"requestBody": {"content": {"application/json": {"schema": model.model_json_schema()}}, "required": True}}


def fitting(model: type[M], given: dict[str, Any]) -> M:
    """What was given, as the model. Raises `Reject` naming the first field that does not fit; no value is repeated."""
    try:
        fits = as_json_says(model, given)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        path = ".".join(str(part) for part in first["loc"])
        raise Reject(f"{path or 'body'}: {first['msg'].removeprefix('Value error, ')}", field=path or "body") from None
    if (hit := control_in(fits.model_dump())) is not None:
        field, character = hit
        raise Reject(f"{field}: it holds the control character {character}", advice="Leave it out", field=field)
    return fits


def body(model: type[M]) -> Any:
    """A dependency that gives the JSON body as the model."""

    async def parse(request: Request) -> M:
        return fitting(model, await json_object(request))

    return Depends(parse)


JsonBody = Annotated[dict[str, Any], Depends(json_object)]
MaybeJsonBody = Annotated[dict[str, Any], Depends(_maybe)]
