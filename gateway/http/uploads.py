"""A clip from a URL, or from an upload that is written to the disk as it comes."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, BinaryIO

from fastapi import APIRouter, Request
from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header

from contracts.events import CandidateApproved
from contracts.subjects import CANDIDATE_APPROVED
from gateway.http.auth import MAX_BODY, told_length
from gateway.http.bodies import parsed
from gateway.http.context import Context, IdempotencyKey, TheContext
from gateway.http.parts import part_folder
from gateway.http.problems import ProblemError
from gateway.http.sniffing import LARGEST_CAPTIONS, check_captions, check_video
from gateway.http.views import Accepted
from gateway.http.who import needs
from gateway.users.principal import Principal

__all__ = ["router", "safe_name"]

router = APIRouter(tags=["clips"])
_FILES = ("video", "captions")
_MAX_TEXT = 64 * 1024
_WAYS = 'Send the JSON {"url": "https://…"}, or a form (multipart/form-data) with the file as its field `video`'
_NOT_WITH_A_FILE = {"url", "captions_url", "candidate_id"}
_TEXTS = {"id", *CandidateApproved.model_fields}
_DOCUMENTED = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": CandidateApproved.model_json_schema()},
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["video"],
                    "properties": {
                        "video": {"type": "string", "format": "binary", "description": "the video file"},
                        "captions": {"type": "string", "format": "binary", "description": "its SRT or WebVTT file"},
                        **{
                            name: {"type": "string"}
                            for name in CandidateApproved.model_fields
                            if name not in _NOT_WITH_A_FILE
                        },
                    },
                }
            },
        },
    }
}


@router.post("/clips", status_code=202, openapi_extra=_DOCUMENTED)
async def make_clip(
    request: Request,
    context: TheContext,
    by: Annotated[Principal, needs("clips:write")],
    key: IdempotencyKey = None,
) -> Accepted:
    """Make shorts of any video: JSON `{"url": "https://…"}`, or a form with the file as `video` (and `captions`)."""
    kind, options = parse_options_header(request.headers.get("content-type"))
    uploaded = kind == b"multipart/form-data"
    if uploaded:
        if not (boundary := options.get(b"boundary")):
            raise ProblemError(400, "the upload names no boundary", advice="Let the HTTP client set the Content-Type")
        body = await _upload(request, boundary, context, by)
    else:
        body = parsed(await request.body(), _WAYS)
    return await context.commands.send(CANDIDATE_APPROVED, body, key, by, uploaded=uploaded)


async def _upload(request: Request, boundary: bytes, context: Context, by: Principal) -> dict[str, Any]:
    """Store the files and return the command's body. What is half there, or refused, leaves nothing behind."""
    most = context.settings.http_upload_bytes + LARGEST_CAPTIONS + MAX_BODY
    if told_length(request.headers) > most:
        raise ProblemError(
            413,
            f"the upload is larger than {most} bytes",
            advice="Make it smaller; CLIPWIRE_HTTP_UPLOAD_BYTES says how large a video may be",
        )
    uploads = context.home / "uploads"
    async with part_folder(uploads) as part:
        form = _Form(part, context.settings.http_upload_bytes)
        await _receive(request.stream(), boundary, form)
        if "video" not in form.files:
            raise ProblemError(
                422, "video: the file is missing", advice="Send it as the field `video` of the form", field="video"
            )
        for name in _NOT_WITH_A_FILE & form.texts.keys():
            raise ProblemError(422, f"{name}: a file says itself what it is; leave this out", field=name)
        await check_video(part / form.files["video"].name)
        if "captions" in form.files:
            await asyncio.to_thread(check_captions, part / form.files["captions"].name)
        folder = uploads / form.digest()
        body: dict[str, Any] = dict(form.texts)
        body["url"] = (folder / form.files["video"].name).absolute().as_uri()
        if "captions" in form.files:
            body["captions_url"] = (folder / form.files["captions"].name).absolute().as_uri()
        await context.commands.admitted(CANDIDATE_APPROVED, body, by, uploaded=True)
        await asyncio.to_thread(_settle, part, folder)
    return body


def _settle(part: Path, folder: Path) -> None:
    """Give the finished upload its name, which follows from its content: sent twice, it is one."""
    for file in part.iterdir():
        with file.open("rb") as written:
            os.fsync(written.fileno())
    if not folder.exists():
        try:
            part.rename(folder)
        except OSError:
            if not folder.exists():  # else: the same upload got there first
                raise


@dataclass
class _File:
    name: str
    handle: BinaryIO
    size: int = 0
    sha: Any = field(default_factory=sha256)


@dataclass
class _Form:
    """Takes the parts of a form as they come: files to the disk, texts into memory."""

    folder: Path
    limit: int
    files: dict[str, _File] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    _header: bytes = b""
    _value: bytes = b""
    _headers: dict[bytes, bytes] = field(default_factory=dict)
    _name: str = ""
    _file: _File | None = None
    _text: bytearray = field(default_factory=bytearray)
    begun: bool = False
    ended: bool = False

    def callbacks(self) -> Any:
        """For `MultipartParser`."""
        return {
            "on_part_begin": self._begin,
            "on_header_field": self._header_field,
            "on_header_value": self._header_value,
            "on_header_end": self._header_end,
            "on_headers_finished": self._headers_finished,
            "on_part_data": self._data,
            "on_part_end": self._end,
            "on_end": self._finish,
        }

    def digest(self) -> str:
        """A name for the upload that follows from the files and their names."""
        parts = [f"{kind}|{file.name}|{file.sha.hexdigest()}" for kind, file in sorted(self.files.items())]
        return sha256("\n".join(parts).encode()).hexdigest()[:20]

    def close(self) -> None:
        """Close what is open."""
        for file in self.files.values():
            file.handle.close()

    def _begin(self) -> None:
        self.begun = True
        self._headers = {}
        self._header, self._value = b"", b""
        self._file = None
        self._text = bytearray()

    def _header_field(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_end(self) -> None:
        self._headers[self._header.lower()] = self._value
        self._header, self._value = b"", b""

    def _headers_finished(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        self._name = options.get(b"name", b"").decode("utf-8", "replace")
        if self._name in self.files or self._name in self.texts:
            raise ProblemError(422, f"{self._name}: it is there twice", field=self._name)
        if b"filename" not in options:
            if self._name not in _TEXTS:  # else any number of them would be kept until the end
                raise ProblemError(422, f"{self._name[:100]}: no such field is expected", field=self._name[:100])
            return
        if self._name not in _FILES:
            raise ProblemError(
                422, f"{self._name}: no such file is expected", advice="Files: video, captions", field=self._name
            )
        # A prefix of its own each, so that both may have the same name.
        name = safe_name(options[b"filename"].decode("utf-8", "replace"), self._name)
        if any(file.name == name for file in self.files.values()):
            name = f"{self._name}-{name}"
        self._file = _File(name, (self.folder / name).open("xb"))
        self.files[self._name] = self._file

    def _data(self, data: bytes, start: int, end: int) -> None:
        chunk = data[start:end]
        if self._file is None:
            self._text += chunk
            if len(self._text) > _MAX_TEXT:
                raise ProblemError(413, f"{self._name}: longer than {_MAX_TEXT} bytes", field=self._name)
            return
        self._file.size += len(chunk)
        limit = self.limit if self._name == "video" else min(self.limit, LARGEST_CAPTIONS)
        if self._file.size > limit:
            raise ProblemError(
                413,
                f"{self._name}: larger than {limit} bytes",
                advice="Make it smaller; CLIPWIRE_HTTP_UPLOAD_BYTES says how large a video may be",
                field=self._name,
            )
        self._file.sha.update(chunk)
        self._file.handle.write(chunk)

    def _end(self) -> None:
        if self._file is not None:
            self._file.handle.close()
        else:
            self.texts[self._name] = self._text.decode("utf-8", "replace")

    def _finish(self) -> None:
        self.ended = True


async def _receive(chunks: AsyncIterator[bytes], boundary: bytes, form: _Form) -> None:
    """Feed the parser; hashing and writing happen in a thread."""
    parser = MultipartParser(boundary, form.callbacks())
    try:
        async for chunk in chunks:
            await asyncio.to_thread(parser.write, chunk)
        await asyncio.to_thread(parser.finalize)
    except MultipartParseError as error:
        raise ProblemError(400, f"the upload is no form ({error})", advice="Send multipart/form-data") from None
    finally:
        form.close()
    if not form.ended and not form.begun:
        raise ProblemError(
            422,
            "video: the form is empty: it has no part",
            advice=f"{_WAYS}, as `curl -F video=@film.mp4` does",
            field="video",
        )
    if not form.ended:
        raise ProblemError(400, "the upload broke off", advice="Send it again")


def safe_name(name: str, fallback: str) -> str:
    """A file name that is safe on every disk and in every address; the suffix is kept because players go by it."""
    name = name.replace("\\", "/").rpartition("/")[2]
    stem, dot, suffix = name.rpartition(".")
    if not dot:
        stem, suffix = name, ""
    stem = re.sub(r"[^A-Za-z0-9_-]+", "-", stem).strip("-")[:80] or fallback
    suffix = re.sub(r"[^A-Za-z0-9]+", "", suffix)[:10].lower()
    return f"{stem}.{suffix}" if suffix else stem
