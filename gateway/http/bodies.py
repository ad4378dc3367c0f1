"""The JSON body of a request, whatever its `Content-Type` says: `curl -d` calls everything a form."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import Depends, Request

from gateway.http.problems import ProblemError

__all__ = ["JsonBody", "MaybeJsonBody", "json_object"]


async def json_object(request: Request) -> dict[str, Any]:
    """One JSON object. Raises a 422 problem; the size is bounded before this is reached."""
    try:
        body = json.loads(await request.body())
    except (ValueError, RecursionError):
        raise ProblemError(422, "body: this is no JSON", advice="Send one JSON object", field="body") from None
    if not isinstance(body, dict):
        raise ProblemError(422, "body: this is no JSON object", advice="Send one JSON object", field="body")
    return body


async def _maybe(request: Request) -> dict[str, Any]:
    return await json_object(request) if await request.body() else {}


JsonBody = Annotated[dict[str, Any], Depends(json_object)]
MaybeJsonBody = Annotated[dict[str, Any], Depends(_maybe)]
