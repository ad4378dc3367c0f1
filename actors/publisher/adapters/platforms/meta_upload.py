"""Bytes of a video to Meta's rupload hosts, which Instagram and Facebook share.

Source: Meta's "Resumable Uploads": the token as `OAuth …`, `offset` and `file_size` as headers, the rest of the file.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

from actors.publisher.adapters.platforms.meta import TOKEN, UNAUTHORIZED, SpentError, advised, number, refused
from actors.publisher.ports import Answer, Call, Film, Piece, Session, Steps
from runtime.errors import Reject, Retry, Unavailable
from runtime.replies import fault_of

__all__ = ["begin_again", "bytes_call", "offset_at", "send_bytes"]

TRIES = 6
_PAUSES_S = (1.0, 5.0, 15.0)


async def send_bytes(
    session: Session, service: str, url: str, film: Film, start: int, *, asked: Callable[[], Awaitable[int]]
) -> None:
    """Send a file from `start` on; after a break, from where the platform says that it got to (`asked`).

    Raises `SpentError` for an upload that takes nothing more, `Retry`, `Unavailable`, `Reject`.
    """
    at = start
    for pause in (*_PAUSES_S, None):
        if at >= film.bytes:
            return
        await session.progress(at / film.bytes)
        try:
            answer = await _with_token(session, bytes_call(url, film, at))
            if answer.ok and answer.json().get("success") is True:
                return
            raise _upload_refused(service, answer)
        except Unavailable:
            if pause is None:
                raise
            await session.pause(pause)
            at = await asked()


def bytes_call(url: str, film: Film, at: int) -> Call:
    """The request with a file's bytes from `at` on; not signed yet: these hosts want the token as `OAuth …`."""
    headers = {
        "offset": str(at),
        "file_size": str(film.bytes),
        "Content-Type": "application/octet-stream",
    }
    return Call("POST", url, headers=headers, body=Piece(film.path, at, film.bytes - at), authorize=False)


async def offset_at(session: Session, url: str) -> int:
    """How many bytes an upload has; 0 where it does not say, as sending them again does no harm."""
    answer = await _with_token(session, Call("GET", url, authorize=False))
    return max(0, number(answer.json().get("offset"))) if answer.ok else 0


async def begin_again(steps: Steps, service: str, error: SpentError, *names: str) -> Reject | Retry:
    """Forget an upload that is spent; what to raise. A video that spends one after the other is refused."""
    spent = number(steps.get("spent")) + 1
    await steps.drop(*names)
    await steps.keep(spent=spent)
    if spent >= TRIES:
        return advised(service, f"{spent} uploads in a row have failed, the last with: {error}", 2207026)
    return Retry(f"{service} has dropped the upload: {error}", after=30.0 * 2 ** (spent - 1), advice="It begins anew")


async def _with_token(session: Session, call: Call) -> Answer:
    """Send with the token in the form `OAuth …`, and once more with a fresh one where it is refused."""
    answer = await session.ask(_signed(session, call))
    if answer.status == UNAUTHORIZED or fault_of(answer.body).get("code") in TOKEN:
        await session.renew()
        answer = await session.ask(_signed(session, call))
    return answer


def _signed(session: Session, call: Call) -> Call:
    return replace(call, headers={**call.headers, "Authorization": f"OAuth {session.tokens.access}"})


def _upload_refused(service: str, answer: Answer) -> Exception:
    debug = answer.json().get("debug_info")
    if not isinstance(debug, dict):
        return refused(service, answer) if fault_of(answer.body) else _no_success(service, answer)
    said = f"{str(debug.get('message'))[:300]} ({debug.get('type')})"
    if debug.get("retriable") is True:
        return Unavailable(f"{service} did not take the bytes: {said}", advice="It is tried again by itself")
    return SpentError(said)


def _no_success(service: str, answer: Answer) -> Unavailable:
    return Unavailable(
        f"{service} did not say that it has the bytes (HTTP {answer.status})", advice="They are sent again"
    )
