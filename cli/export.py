"""`clipwire export`: the contracts as documents."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import BaseModel

from cli.output import CliError, say
from cli.sources import shown
from contracts.envelope import Event, Progress
from contracts.subjects import SUBJECTS
from contracts.timeline import Timeline
from gateway.asyncapi import asyncapi
from runtime.embed.nats import OPERATOR, authorization
from runtime.files import write_atomically
from runtime.rights import permissions

__all__ = ["Document", "export", "nats_permissions", "password_variable", "schemas"]

_VARIABLE = r'"(\$NATS_[A-Z_]+_PASSWORD)"'


class Document(StrEnum):
    """What can be exported."""

    asyncapi = "asyncapi"
    nats_permissions = "nats-permissions"
    openapi = "openapi"
    schemas = "schemas"


def export(
    document: Annotated[Document, typer.Argument(help="Which document.")],
    out: Annotated[
        Path | None, typer.Option(help="File to write, or folder for `schemas`; unset: standard output.")
    ] = None,
) -> None:
    """Write the contracts as AsyncAPI 3, OpenAPI 3.1 or JSON Schema (all JSON), or the users for a NATS server."""
    if document is Document.schemas and out is not None:
        texts = {f"{name}.json": _text(schema) for name, schema in schemas().items()}
        with _written(out):
            out.mkdir(parents=True, exist_ok=True)
            for name, text in texts.items():
                write_atomically(out / name, text)
        say(f"{len(texts)} schemas written to {out}")
        return
    makers = {Document.asyncapi: asyncapi, Document.openapi: openapi, Document.schemas: schemas}
    text = nats_permissions() if document is Document.nats_permissions else _text(makers[document]())
    if out is None:
        print(text, end="")
    else:
        with _written(out):
            write_atomically(out.absolute(), text)
        say(f"written to {out}")


@contextmanager
def _written(out: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError) as error:  # ValueError: a NUL, or `/`, which no file can be
        raise CliError(
            f"--out: {shown(out)} can't be written ({getattr(error, 'strerror', None) or error})",
            advice="Name a file, or for `schemas` a folder, that you may write",
            code=2,
        ) from None


def schemas() -> dict[str, dict[str, Any]]:
    """JSON Schema (2020-12) of every subject's payload by its name, of the `envelope`, `progress` and `timeline`."""
    found = {subject.name: _schema(subject.model) for subject in SUBJECTS}
    envelope = Event[Any].model_json_schema(mode="serialization")
    envelope |= {
        "title": "Event",
        "description": "Structured CloudEvents 1.0 JSON; `data` is the contract of the subject.",
    }
    progress = Progress.model_json_schema(mode="serialization")
    return {**found, "envelope": envelope, "progress": progress, "timeline": _schema(Timeline)}


def _schema(model: type[BaseModel]) -> dict[str, Any]:
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **model.model_json_schema()}


def openapi() -> dict[str, Any]:
    """OpenAPI of the HTTP door."""
    from gateway.http.app import routes

    return routes().openapi()


def nats_permissions() -> str:
    """The block `authorization` for the configuration of a NATS server: a user for each actor and door.

    Passwords stand in it as variables, which the server takes from its environment.
    """
    rights = permissions()
    passwords = {user: f"${password_variable(user)}" for user in (OPERATOR, *rights)}
    block = json.dumps(authorization(rights, passwords), indent=1)
    return "authorization: " + re.sub(_VARIABLE, r"\1", block) + "\n"


def password_variable(user: str) -> str:
    """Name of the variable from which a server of one's own takes a user's password."""
    return f"NATS_{user.upper()}_PASSWORD"


def _text(document: Any) -> str:
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"
