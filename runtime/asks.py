"""Questions between processes: one answers, whoever asks waits for it. Nothing of it is kept on the server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Any, TypeVar

import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.errors import MaxPayloadError, NoRespondersError
from pydantic import ValidationError

from contracts.asks import Ask, Refusal, Reply
from contracts.base import Contract
from runtime.errors import ClipwireError, Reject, Retry, Unavailable
from runtime.tasks import end

__all__ = ["Answers", "answering", "ask", "refusal_of"]

log = structlog.get_logger(__name__)

Q = TypeVar("Q", bound=Contract)
A = TypeVar("A", bound=Contract)
Answers = Mapping[Ask[Any, Any], Callable[[Any], Awaitable[Contract]]]
_AT_A_TIME = 16
_STARTED = {
    "telegram": "`clipwire up` runs it only where there is a bot: set CLIPWIRE_TELEGRAM_API_KEY to the token that "
    "@BotFather gave you, or CLIPWIRE_TELEGRAM_OWN_BOTS=true, and start it again",
}
"""How to start who does not run in every `clipwire up`."""


async def ask(client: Client, question: Ask[Q, A], data: Q, *, within: float = 30.0) -> A:
    """The answer. Raises `Reject` or `Retry` as the other side did, `Unavailable` where nobody answers in time."""
    try:
        message = await client.request(question.subject, data.model_dump_json().encode(), timeout=within)
    except NoRespondersError:
        raise Unavailable(
            f"no {question.actor} runs, and only it can tell",
            advice=_STARTED.get(
                question.actor,
                f"Start it: `clipwire up` runs it with all the others, `clipwire up {question.actor}` alone",
            ),
        ) from None
    except MaxPayloadError:
        raise Reject("that is too much for one question", advice="Send less") from None
    except (NatsError, OSError, TimeoutError) as error:
        raise Unavailable(
            f"the {question.actor} did not answer within {within:g} s ({error or type(error).__name__})",
            advice="Try again; if it stays like this, look at its log and at the NATS server",
        ) from None
    reply = Reply[Any].model_validate_json(message.data)
    if reply.refusal is not None:
        raise _error(reply.refusal)
    if reply.answer is None:
        raise Unavailable(f"the {question.actor} answered nothing", advice="Do both run the same version of Clipwire?")
    return question.answers.model_validate(reply.answer)


@asynccontextmanager
async def answering(client: Client, answers: Answers) -> AsyncIterator[None]:
    """Answer these questions for as long as the block lasts; of several processes that do, one gets each."""
    free, tasks = asyncio.Semaphore(_AT_A_TIME), set[asyncio.Task[None]]()

    async def take(question: Ask[Any, Any], message: Msg) -> None:
        try:
            await _answer(question, answers[question], message)
        finally:
            free.release()

    async def begin(question: Ask[Any, Any], message: Msg) -> None:
        await free.acquire()
        task = asyncio.create_task(take(question, message))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    subscriptions = [
        await client.subscribe(question.subject, queue=question.actor, cb=partial(begin, question))
        for question in answers
    ]
    try:
        yield
    finally:
        for subscription in subscriptions:
            with suppress(NatsError, OSError):  # the server may have ended before us
                await subscription.unsubscribe()
        await end(*tasks)


async def _answer(question: Ask[Any, Any], answer: Callable[[Any], Awaitable[Contract]], message: Msg) -> None:
    try:
        reply = Reply[Any](answer=await answer(_question(question, message.data)))
    except ClipwireError as error:
        reply = Reply[Any](refusal=refusal_of(error))
    except Exception as error:  # noqa: BLE001  # whoever asked waits; the log has the rest
        log.error(  # noqa: TRY400  # not its words: what was asked may hold a secret, and an exception may quote it
            "ask.failed", subject=question.subject, error=type(error).__name__, where=_where(error)
        )
        reply = Reply[Any](
            refusal=Refusal(
                kind="rejected",
                what=f"this is a bug of the {question.actor} ({type(error).__name__})",
                advice="Please report it with its log",
            )
        )
    with suppress(NatsError, OSError):  # nobody waits any more, or the server is away: whoever asked is told so
        await message.respond(reply.model_dump_json(exclude_none=True).encode())


def _question(question: Ask[Q, Any], body: bytes) -> Q:
    try:
        return question.asks.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        raise Reject(f"{field or 'the question'}: {first['msg']}", field=field or None) from None


def refusal_of(error: ClipwireError) -> Refusal:
    """An error as it travels."""
    later = isinstance(error, Retry)
    return Refusal(
        kind="unavailable" if later else "rejected",
        what=error.what,
        advice=error.advice,
        field=error.field if isinstance(error, Reject) else None,
        after=error.after if isinstance(error, Retry) else None,
    )


def _error(refusal: Refusal) -> ClipwireError:
    if refusal.kind == "unavailable":
        return Unavailable(refusal.what, after=refusal.after, advice=refusal.advice)
    return Reject(refusal.what, advice=refusal.advice, field=refusal.field)


def _where(error: BaseException) -> str:
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    return f"{place.tb_frame.f_code.co_filename}:{place.tb_lineno}" if place is not None else ""
