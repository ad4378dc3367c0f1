"""Plans that people write: a timeline as JSON, whose sources are files beside it or keys of the media store."""

from __future__ import annotations

import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Sequence
from pathlib import Path
from typing import get_args
from urllib.parse import unquote, urlsplit

from pydantic import ValidationError

from cli.output import CliError
from cli.sources import shown
from contracts.timeline import Overlay, Timeline
from runtime.errors import Reject
from runtime.media import open_media_store
from runtime.settings import RuntimeSettings

__all__ = ["EXAMPLE", "located", "read_plan"]

HELP = "`clipwire render --example` shows a plan, docs/plan.md tells of every field"
_ADDRESS = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]+://")
_LONGEST = 200
_KINDS = [str(overlay.model_fields["kind"].default) for overlay in get_args(get_args(Overlay)[0])]


def read_plan(path: Path) -> Timeline:
    """The plan in a file. Raises `CliError`, code 2, that names the first field that is wrong."""
    try:
        body = path.read_bytes()
    except FileNotFoundError:
        raise CliError(f"there is no plan at {shown(path)}", advice="Check the path", code=2) from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        why = getattr(error, "strerror", None) or error
        raise CliError(f"{shown(path)} can't be read ({why})", advice="Name a plan as JSON", code=2) from None
    try:
        return Timeline.model_validate_json(_text(path, body), extra="forbid")
    except ValidationError as error:
        raise CliError(f"{shown(path)}: {_fault(error)}", advice=HELP, code=2) from None


def _text(path: Path, body: bytes) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        found = "UTF-16" if body.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) else "some other encoding"
        advice = "Save it as UTF-8: editors ask for the encoding under “Save as”"
        raise CliError(f"{shown(path)} is in {found}, not in UTF-8", advice=advice, code=2) from None


def _fault(error: ValidationError) -> str:
    """The first fault in words, with the path of its field, and how many others there are."""
    faults = error.errors(include_url=False, include_context=False, include_input=False)
    first, more = faults[0], len(faults) - 1
    field, said = _path(first["loc"]), _said(first["type"], first["msg"])
    if first["type"].startswith("union_tag"):
        field += ".kind"
    if first["type"] == "value_error" and re.match(r"[a-z]+(\.\w+)*: ", said):  # it names its field itself
        field = ""
    words = f"{field}: {said}" if field else said
    words = words if len(words) <= _LONGEST else f"{words[: _LONGEST - 1]}…"
    return words + (f" (and {more} more)" if more else "")


def _said(kind: str, message: str) -> str:
    match kind:
        case "missing":
            return "it is missing"
        case "extra_forbidden":
            return "there is no such field"
        case "union_tag_not_found":
            return f"it is missing: one of {', '.join(_KINDS)}"
        case "union_tag_invalid":
            tag = message.removeprefix("Input tag ").split(" found using ")[0]
            return f"there is no {tag}, only {', '.join(_KINDS)}"
        case "json_invalid":
            return f"no JSON ({message.removeprefix('Invalid JSON: ')})"
    message = message.removeprefix("Value error, ").removeprefix("Input ")
    return message[:1].lower() + message[1:]


def _path(place: Sequence[str | int]) -> str:
    """`overlays.0.source`: without the kind of overlay, which pydantic puts behind the number."""
    tag = place[:1] == ("overlays",) and len(place) > 2
    return ".".join(str(part) for n, part in enumerate(place) if not (tag and n == 2))


async def located(timeline: Timeline, folder: Path, settings: RuntimeSettings) -> dict[str, Path]:
    """Where each source of a plan lies. Relative paths start at `folder`. Raises `CliError`, code 2."""
    store = open_media_store(settings.media_location)
    found: dict[str, Path] = {}
    for field, source in timeline.sources():
        if source in found:
            continue
        if source.startswith("media://"):
            try:
                found[source] = await store.local(source)
            except Reject:
                advice = "Name a file, or set CLIPWIRE_HOME or CLIPWIRE_MEDIA_URL to where it is"
                raise CliError(f"{field}: {source} is not in the media store", advice=advice, code=2) from None
        else:
            found[source] = _local(field, source, folder)
    return found


def _local(field: str, source: str, folder: Path) -> Path:
    address = source.lower().startswith("file:")
    if not address and _ADDRESS.match(source):
        raise CliError(f"{field}: {source} is an address", advice="Download it, and name the file", code=2)
    try:
        if address:
            source = unquote(urlsplit(source).path)
        path = folder / Path(source).expanduser()
        str(path).encode()  # a plan is UTF-8, and so is every path in it
        whole = path.is_file()
    except (OSError, ValueError, RuntimeError) as error:  # RuntimeError: a home folder that nobody has
        raise CliError(f"{field}: {source!r} is no path ({error})", advice="Check the path", code=2) from None
    if not whole:
        what = "is no file" if path.exists() else "does not exist"
        raise CliError(
            f"{field}: {shown(path)} {what}",
            advice="Check the path; a relative one starts at the plan's folder",
            code=2,
        )
    return path.resolve()


EXAMPLE = """\
{
  "segments": [
    {"source": "talk.mp4", "start": 0, "end": 4, "looks": [{"name": "warm", "strength": 0.4}]},
    {"source": "talk.mp4", "start": 6, "end": 9, "transition": {"name": "fade", "seconds": 0.5}}
  ],
  "overlays": [
    {"kind": "title", "text": "Wait for it", "end": 2.5},
    {"kind": "progress", "color": "#ffe600"},
    {"kind": "watermark", "text": "@yourname", "corner": "top_left"}
  ],
  "captions": {
    "words": [
      {"text": "This", "start": 0.3, "end": 0.6},
      {"text": "is", "start": 0.6, "end": 0.8},
      {"text": "the", "start": 0.8, "end": 0.9},
      {"text": "best", "start": 0.9, "end": 1.4},
      {"text": "part.", "start": 1.4, "end": 1.9}
    ],
    "emphasis": [3],
    "style": "lit"
  }
}
"""
"""A small plan of one talk."""
