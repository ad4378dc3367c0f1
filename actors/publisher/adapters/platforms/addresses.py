"""Addresses of servers that a person names, where a platform has many."""

from __future__ import annotations

from urllib.parse import urlsplit

from actors.publisher.adapters.http import resets_in
from actors.publisher.ports import Answer, Api, Call, LostError
from runtime.errors import Reject, Retry, Unavailable

__all__ = ["first_answer", "server_address"]


def server_address(given: str, service: str) -> str:
    """The beginning of a server's addresses, without a path, names and passwords in it. Raises `Reject`.

    Whether it may be asked (https, a public address) is looked at when it is (`guarded`).
    """
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


async def first_answer(api: Api, call: Call) -> Answer:
    """The answer, neither a 5xx nor a 429, of a server that may be anything: no error quotes what it says.

    So nobody learns by an address that is none of a platform what is behind it. Raises `Retry` and `Unavailable`.
    """
    server = urlsplit(call.url).netloc
    try:
        answer = await api.send(call)
    except LostError:
        raise Unavailable(f"{server} gave no whole answer", advice="Check the address, then try again") from None
    if answer.status == 429:
        raise Retry(
            f"{server} takes no more requests for now", after=resets_in(answer.headers), advice="Try again then"
        )
    if answer.status >= 500:
        raise Unavailable(f"{server} answered HTTP {answer.status}", advice="Check the address, then try again")
    return answer
