"""The page at /docs: the OpenAPI document for people, without a single outside asset."""

from __future__ import annotations

from html import escape
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

__all__ = ["render_page", "router"]

router = APIRouter(include_in_schema=False)
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
_STYLE = """
:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.6rem}h2{margin-top:2.2rem;border-bottom:1px solid #8886;text-transform:capitalize}
details{margin:.4rem 0;border:1px solid #8884;border-radius:.4rem;padding:.4rem .8rem}
summary{cursor:pointer}code{font:14px ui-monospace,monospace}b.m{display:inline-block;min-width:4rem}
table{border-collapse:collapse;width:100%;margin:.5rem 0}
td,th{text-align:left;vertical-align:top;padding:.2rem .6rem .2rem 0}
pre{overflow:auto;background:#8881;padding:.6rem;border-radius:.3rem}.d{opacity:.75}
"""


@router.get("/docs")
async def page(request: Request) -> HTMLResponse:
    """Every operation of the OpenAPI document."""
    headers = {
        "Content-Security-Policy": _POLICY,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
    }
    return HTMLResponse(render_page(request.app.openapi()), headers=headers)


def render_page(document: dict[str, Any]) -> str:
    """HTML of an OpenAPI document, grouped by tag."""
    groups: dict[str, list[str]] = {}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            tag = (operation.get("tags") or ["other"])[0]
            groups.setdefault(tag, []).append(_operation(method, path, operation))
    sections = "".join(f"<h2>{escape(tag)}</h2>{''.join(parts)}" for tag, parts in sorted(groups.items()))
    info = document["info"]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{escape(info['title'])}</title><style>{_STYLE}</style></head><body>"
        f"<h1>{escape(info['title'])} <small>{escape(info['version'])}</small></h1>"
        f"<p>{escape(info.get('description', ''))}</p>"
        '<p>As a document for programs: <a href="/openapi.json">/openapi.json</a>.</p>'
        f"{sections}</body></html>"
    )


def _operation(method: str, path: str, operation: dict[str, Any]) -> str:
    parameters = "".join(_parameter(item) for item in operation.get("parameters", []))
    content = operation.get("requestBody", {}).get("content", {})
    schema = content.get("application/json", {}).get("schema", {})
    fields = "".join(
        _field(name, item, name in schema.get("required", [])) for name, item in schema.get("properties", {}).items()
    )
    table = f"<table>{parameters}{fields}</table>" if parameters or fields else ""
    return (
        f"<details><summary><b class=m>{method.upper()}</b> <code>{escape(path)}</code> "
        f"<span class=d>{escape(_first_line(operation.get('description', '')))}</span></summary>"
        f"<p>{escape(operation.get('description', ''))}</p>{table}"
        f"<pre>{escape(_example(method, path, content))}</pre></details>"
    )


def _parameter(item: dict[str, Any]) -> str:
    about = item.get("description") or item.get("schema", {}).get("description", "")
    return f"<tr><th><code>{escape(item['name'])}</code></th><td>{escape(item['in'])}</td><td>{escape(about)}</td></tr>"


def _field(name: str, item: dict[str, Any], required: bool) -> str:
    kind = "body, required" if required else "body"
    return f"<tr><th><code>{escape(name)}</code></th><td>{kind}</td><td>{escape(item.get('description', ''))}</td></tr>"


def _example(method: str, path: str, content: dict[str, Any]) -> str:
    parts = ["curl", '-H "Authorization: Bearer $TOKEN"']
    if method != "get":
        parts.append(f"-X {method.upper()}")
    if content:
        parts.append("--json '{…}'")
    return " ".join([*parts, f"'http://127.0.0.1:8000{path}'"])


def _first_line(text: str) -> str:
    return text.strip().partition("\n")[0]
