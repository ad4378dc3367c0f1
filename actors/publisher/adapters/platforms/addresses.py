"""Addresses of servers that a person names, where a platform has many."""

from __future__ import annotations

from urllib.parse import urlsplit

from runtime.errors import Reject

__all__ = ["server_address"]


def server_address(given: str, service: str) -> str:
    """The beginning of a server's addresses, without a path and without names and passwords in it. Raises `Reject`."""
    text = given.strip()
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        named = parts.scheme in {"http", "https"} and bool(parts.hostname)
        _ = parts.port
    except ValueError:
        named = False
    if not named:
        raise Reject(f"{given!r} is no address of a {service}", advice="Write https://its-name", field="base_url")
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
