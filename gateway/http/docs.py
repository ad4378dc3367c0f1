"""Pages for people, without a single outside asset: /docs tells the HTTP API, /asyncapi the subjects of the bus."""

from __future__ import annotations

import asyncio
import json
from functools import cache
from html import escape
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, JSONResponse

from gateway.asyncapi import asyncapi
from gateway.http.docs_bus import bus_page, prose

__all__ = ["docs_page", "page", "router"]

router = APIRouter(include_in_schema=False)
POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""Of a page that holds its own style, and no script."""
_STYLE = """
:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.6rem}h2{margin-top:2.2rem;border-bottom:1px solid #8886;text-transform:capitalize}
details{margin:.4rem 0;border:1px solid #8884;border-radius:.4rem;padding:.4rem .8rem;overflow-wrap:anywhere}
summary{cursor:pointer}code{font:14px ui-monospace,monospace}b.m{display:inline-block;min-width:4rem}
table{border-collapse:collapse;width:100%;margin:.5rem 0}
td,th{text-align:left;vertical-align:top;padding:.2rem .6rem .2rem 0;font-weight:normal}
pre{overflow:auto;background:#8881;padding:.6rem;border-radius:.3rem;max-height:24rem}.d{opacity:.75}
nav a{margin-right:1rem}
"""


@cache
def _asyncapi() -> dict[str, Any]:
    """What the installed actors say does not change while they run."""
    return asyncapi()


@router.get("/docs")
async def docs(request: Request) -> HTMLResponse:
    """Every operation of the OpenAPI document."""
    return _answer(docs_page(request.app.openapi()))


@router.get("/asyncapi")
async def bus() -> HTMLResponse:
    """Every subject of the AsyncAPI document."""
    document = await asyncio.to_thread(_asyncapi)
    return _answer(page("Clipwire: the bus", bus_page(document)))


@router.get("/asyncapi.json")
async def bus_document() -> JSONResponse:
    """The bus for programs, as AsyncAPI 3."""
    return JSONResponse(await asyncio.to_thread(_asyncapi))


def _answer(html: str) -> HTMLResponse:
    return HTMLResponse(html, headers={"Content-Security-Policy": POLICY})


def page(title: str, body: str) -> str:
    """A page in our style."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body>"
        '<nav><a href="/docs">HTTP</a><a href="/asyncapi">The bus</a>'
        '<a href="/openapi.json">openapi.json</a><a href="/asyncapi.json">asyncapi.json</a></nav>'
        f"{body}</body></html>"
    )


def docs_page(document: dict[str, Any]) -> str:
    """HTML of an OpenAPI document, grouped by tag."""
    groups: dict[str, list[str]] = {}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            tag = (operation.get("tags") or ["other"])[0]
            groups.setdefault(tag, []).append(_operation(method, path, operation))
    sections = "".join(f"<h2>{escape(tag)}</h2>{''.join(parts)}" for tag, parts in sorted(groups.items()))
    info = document["info"]
    head = f"<h1>{escape(info['title'])} <small>{escape(info['version'])}</small></h1>"
    return page(info["title"], f"{head}<p>{prose(info.get('description', ''))}</p>{sections}")


def _operation(method: str, path: str, operation: dict[str, Any]) -> str:
    parameters = "".join(_parameter(item) for item in operation.get("parameters", []))
    content = operation.get("requestBody", {}).get("content", {})
    media = content.get("application/json", {})
    schema = media.get("schema", {})
    fields = "".join(
        _field(name, item, name in schema.get("required", [])) for name, item in schema.get("properties", {}).items()
    )
    answers = "".join(_response(status, told) for status, told in operation.get("responses", {}).items())
    return (
        f"<details><summary><b class=m>{method.upper()}</b> <code>{escape(path)}</code> "
        f"<span class=d>{prose(_first_line(operation.get('description', '')))}</span></summary>"
        f"<p>{prose(operation.get('description', ''))}</p><table>{parameters}{fields}</table>"
        f"<pre>{escape(_example(method, path, content))}</pre><table>{answers}</table></details>"
    )


def _parameter(item: dict[str, Any]) -> str:
    about = item.get("description") or item.get("schema", {}).get("description", "")
    return f"<tr><th><code>{escape(item['name'])}</code></th><td>{escape(item['in'])}</td><td>{prose(about)}</td></tr>"


def _field(name: str, item: dict[str, Any], required: bool) -> str:
    kind = "body, required" if required else "body"
    return f"<tr><th><code>{escape(name)}</code></th><td>{kind}</td><td>{prose(item.get('description', ''))}</td></tr>"


def _response(status: str, told: dict[str, Any]) -> str:
    return f"<tr><th><code>{status}</code></th><td>{prose(told.get('description', ''))}</td></tr>"


def _example(method: str, path: str, content: dict[str, Any]) -> str:
    parts = ["curl", '-H "Authorization: Bearer $TOKEN"']
    if method != "get":
        parts.append(f"-X {method.upper()}")
    if "application/json" in content:
        parts.append(f"--json '{_first_body(content['application/json'])}'")
    return " ".join([*parts, f"'http://127.0.0.1:8000{path}'"])


def _first_body(media: dict[str, Any]) -> str:
    bodies = [each["value"] for each in media.get("examples", {}).values()]
    return json.dumps(bodies[0]) if bodies else "{…}"


def _first_line(text: str) -> str:
    return text.strip().partition("\n")[0]
