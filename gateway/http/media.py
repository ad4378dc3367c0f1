"""Finished shorts over HTTP: byte ranges, conditional requests, and only the files that a render names."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from email.utils import formatdate
from pathlib import Path
from typing import Annotated, Literal

from fastapi import APIRouter, Header, Query, Request
from starlette.responses import Response, StreamingResponse

from contracts.media import MediaRef
from contracts.renders import Render
from contracts.style import ShapeName
from gateway.http.context import TheContext
from gateway.http.problems import ProblemError, answer
from gateway.http.ranges import Span, UnsatisfiableError, parse_range
from gateway.http.who import Sees, needs

__all__ = ["router"]

router = APIRouter(tags=["renders"])
_CHUNK = 256 * 1024
_SUFFIX = {
    "video/mp4": ".mp4",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/webp": ".webp",
    "application/x-subrip": ".srt",
    "text/vtt": ".vtt",
    "application/json": ".json",
    "application/vnd.opentimelineio+json": ".otio",
}
Part = Literal["video", "thumbnail", "captions", "captions_vtt", "timeline", "otio"]


@router.head(
    "/renders/{render_id}/media",
    response_class=Response,
    include_in_schema=False,
    dependencies=[needs("renders:read")],
)
@router.get("/renders/{render_id}/media", response_class=Response, dependencies=[needs("renders:read")])
async def render_media(
    render_id: str,
    request: Request,
    context: TheContext,
    sees: Sees,
    part: Annotated[Part, Query(description="which file of the short")] = "video",
    shape: Annotated[ShapeName | None, Query(description="of which further shape; absent: the ordered one")] = None,
    download: Annotated[bool, Query(description="offer it as a file to save")] = False,
    range_: Annotated[str | None, Header(alias="Range")] = None,
    if_range: Annotated[str | None, Header()] = None,
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """A file of a finished short, whole or a byte range."""
    ref = _ref(await context.reads.one("render", render_id, owner=sees), render_id, part, shape)
    path = await context.media.local(ref.uri)
    stat = path.stat()
    etag = f'"{ref.sha256}"'
    headers = {
        "ETag": etag,
        "Accept-Ranges": "bytes",
        "Last-Modified": formatdate(stat.st_mtime, usegmt=True),
        "Cache-Control": "private, max-age=31536000, immutable",
        "Vary": "Authorization, Cookie",  # another user of the same browser asks anew
        "X-Content-Type-Options": "nosniff",
    }
    if download:
        headers["Content-Disposition"] = f'attachment; filename="{render_id}{_SUFFIX.get(ref.content_type, "")}"'
    if if_none_match and (if_none_match.strip() == "*" or etag in _tags(if_none_match)):
        return Response(status_code=304, headers=headers)
    # A weak or another tag, or a date, does not show that the client's part is of this very file (RFC 9110, 13.1.5).
    wanted = range_ if if_range is None or if_range.strip() == etag else None
    try:
        span = parse_range(wanted, stat.st_size) if request.method == "GET" else None
    except UnsatisfiableError:
        return answer(416, f"the file has {stat.st_size} bytes", headers={"Content-Range": f"bytes */{stat.st_size}"})
    return _file(path, span, stat.st_size, ref.content_type, headers, head=request.method == "HEAD")


def _ref(row: dict[str, object] | None, render_id: str, part: str, shape: ShapeName | None) -> MediaRef:
    if row is None:
        raise ProblemError(
            404, f"there is no render {render_id!r}", advice="See GET /api/v1/renders for those that there are"
        )
    if row["render"] is None:
        raise ProblemError(404, f"the render {render_id} is not finished", advice=f"See GET /api/v1/jobs/{render_id}")
    render = Render.model_validate(row["render"])
    parts = render.parts(shape)
    if part not in parts:
        what = f"{part} in {shape}" if shape else part
        raise ProblemError(404, f"the render {render_id} has no {what}", advice=f"It has: {_there(render)}")
    return parts[part]


def _there(render: Render) -> str:
    shapes = [f"video and thumbnail in {each.shape}" for each in render.variants]
    return ", ".join([*render.parts(), *shapes])


def _tags(header: str) -> set[str]:
    return {tag.strip().removeprefix("W/") for tag in header.split(",")}


def _file(
    path: Path, span: Span | None, size: int, content_type: str, headers: dict[str, str], *, head: bool
) -> Response:
    part = span or Span(0, size - 1)
    headers = {**headers, "Content-Length": str(part.length)}
    if span is not None:
        headers["Content-Range"] = f"bytes {span.first}-{span.last}/{size}"
    status = 206 if span is not None else 200
    if head:
        return Response(status_code=status, headers=headers, media_type=content_type)
    return StreamingResponse(_read(path, part), status, headers, content_type)


async def _read(path: Path, span: Span) -> AsyncIterator[bytes]:
    """Read in a thread, a piece at a time, no faster than the client takes it."""
    file = await asyncio.to_thread(path.open, "rb")
    try:
        await asyncio.to_thread(file.seek, span.first)
        left = span.length
        while left > 0:
            chunk = await asyncio.to_thread(file.read, min(_CHUNK, left))
            if not chunk:
                return
            left -= len(chunk)
            yield chunk
    finally:
        file.close()
