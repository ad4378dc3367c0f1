"""One's chats and bots of Telegram: what is asked here, the bot's own process answers, which alone knows the tokens."""

from __future__ import annotations

from typing import Annotated, TypeVar

from fastapi import APIRouter
from starlette.responses import JSONResponse

from contracts import asks
from contracts.asks.question import Typed
from contracts.base import Contract
from gateway.http.bodies import body, documented
from gateway.http.context import Context, TheContext
from gateway.http.problems import ProblemError
from gateway.http.who import TheCame, ThePrincipal, needs, whole
from runtime.errors import Reject

__all__ = ["router"]

Q = TypeVar("Q", bound=Contract)
A = TypeVar("A", bound=Contract)
router = APIRouter(prefix="/users/me/telegram", tags=["telegram"])
_PATIENCE_S = 40.0


class NewBot(Contract):
    """A bot of one's own, by the token that @BotFather gave."""

    token: Typed


@router.get("", dependencies=[needs("me:read")])
async def shown(context: TheContext, by: ThePrincipal) -> asks.TelegramView:
    """Linked chats and own bots. A bot that is `revoked` needs a new token; a chat that is not `active` blocked it."""
    return await _ask(context, asks.TELEGRAM_SHOWN, asks.WhichUser(user_id=by.owner))


@router.post("", status_code=201, response_model=asks.LinkCode, dependencies=[needs("me:write"), whole()])
async def link(context: TheContext, by: ThePrincipal, came: TheCame) -> JSONResponse:
    """A code that links a chat, good once and for ten minutes: open one of `links`, or send the bot `/start <code>`."""
    code = await _ask(context, asks.TELEGRAM_CODE, asks.WhichUser(user_id=by.owner))
    await context.identities.audit.write("telegram.code", by, came)
    return JSONResponse(code.model_dump(mode="json"), 201, headers={"Cache-Control": "no-store"})


@router.delete("/chats/{bot_id}/{chat_id}", status_code=204, dependencies=[needs("me:write")])
async def unlink(bot_id: int, chat_id: int, context: TheContext, by: ThePrincipal, came: TheCame) -> None:
    """A chat is heard no more."""
    await _ask(context, asks.TELEGRAM_UNLINK, asks.WhichChat(user_id=by.owner, bot_id=bot_id, chat_id=chat_id))
    await context.identities.audit.write("telegram.unlinked", by, came, about=str(chat_id))


@router.post("/bots", status_code=201, openapi_extra=documented(NewBot), dependencies=[needs("me:write"), whole()])
async def bring(
    context: TheContext, by: ThePrincipal, came: TheCame, asked: Annotated[NewBot, body(NewBot)]
) -> asks.TelegramBot:
    """Bring a bot of one's own, or its new token. It runs at once; the token is encrypted and never shown again."""
    bot = await _ask(context, asks.TELEGRAM_BRING, asks.BringBot(user_id=by.owner, token=asked.token))
    await context.identities.audit.write("telegram.bot_brought", by, came, about=str(bot.bot_id))
    return bot


@router.delete("/bots/{bot_id}", status_code=204, dependencies=[needs("me:write")])
async def remove(bot_id: int, context: TheContext, by: ThePrincipal, came: TheCame) -> None:
    """Stop a bot of one's own, and forget its token and its chats."""
    await _ask(context, asks.TELEGRAM_REMOVE, asks.WhichBot(user_id=by.owner, bot_id=bot_id))
    await context.identities.audit.write("telegram.bot_removed", by, came, about=str(bot_id))


async def _ask(context: Context, question: asks.Ask[Q, A], data: Q) -> A:
    """The bot's answer; what does not exist there is a 404 here."""
    try:
        return await context.bus.ask(question, data, within=_PATIENCE_S)
    except Reject as error:
        if error.field in {"bot_id", "chat_id"}:
            raise ProblemError(404, error.what, advice=error.advice, field=error.field) from None
        raise
