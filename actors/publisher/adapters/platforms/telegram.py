"""Telegram: videos in a channel or a supergroup, by a bot of one's own that may post there.

A bot cannot search what it has sent, so that an answer that is lost is left to a person. Source: Telegram Bot API 10.3,
methods `sendVideo`, `getChat`, `getChatMember`, `deleteMessage`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, ClassVar

from pydantic import Field

from actors.publisher.adapters.http import resets_in
from actors.publisher.adapters.platforms.answers import number_of, object_of, text_of, whole_of, words_in
from actors.publisher.adapters.platforms.notes import labelless
from actors.publisher.core.limits import Limits, Quota, Text
from actors.publisher.ports import (
    Answer,
    Api,
    Asked,
    Call,
    Consent,
    Grant,
    LostError,
    Owner,
    Part,
    Piece,
    Post,
    Posted,
    RevokedError,
    Session,
    Steps,
    Tokens,
    UnconfirmedError,
)
from actors.publisher.settings import PublisherSettings
from contracts.publishing import Account, Metrics
from runtime.errors import Reject, Retry, Unavailable
from runtime.media import MediaStore
from runtime.settings import Settings

__all__ = ["Telegram", "TelegramSettings", "open_platform"]

CLOUD = "https://api.telegram.org"
_PASSED_ON = 500_000
"""Bytes a second, on a slow line."""
_TOKEN = re.compile(r"\d+:[\w-]+")
_LINK = re.compile(r"(?:https?://)?(?:www\.)?(?:t\.me|telegram\.me)/([A-Za-z]\w+)/?")
_ADVICE = {
    "not enough rights": "Make the bot an administrator of the channel that may post messages",
    "chat_write_forbidden": "Make the bot an administrator of the channel that may post messages",
    "kicked": "Add the bot to the channel again, as an administrator that may post messages",
    "not a member": "Add the bot to the channel, as an administrator that may post messages",
    "chat not found": "Look whether the channel is still there; give its @name, or its number, which begins with -100",
    "upgraded to a supergroup": "Connect the account again: the group has become another one",
    "too large": "Render it smaller, or set CLIPWIRE_TELEGRAM_BASE_URL to a Bot API server of your own (2 GB)",
    "too big": "Render it smaller, or set CLIPWIRE_TELEGRAM_BASE_URL to a Bot API server of your own (2 GB)",
}


class TelegramSettings(Settings):
    """Where Telegram is."""

    telegram_base_url: Annotated[
        str,
        Field(
            pattern=r"^https?://",
            description="address of Telegram's Bot API; a server of your own (`telegram-bot-api --local`) takes videos "
            "up to 2000 MB, Telegram's up to 50 MB",
        ),
    ] = CLOUD


@dataclass(frozen=True)
class BotGrant:
    """See `Grant`: a bot's token, which is good until the bot's owner takes it back."""

    base_url: str

    @property
    def asks(self) -> Sequence[Asked]:
        """See `Grant.asks`."""
        return (
            Asked("token", "Token of the bot, from @BotFather", secret=True),
            Asked("chat", "The channel, as @name or -100…; the bot has to be an administrator that may post messages"),
        )

    async def consent(
        self, api: Api, given: Mapping[str, str], *, state: str, verifier: str, redirect_uri: str
    ) -> Consent | None:
        """See `Grant.consent`. There is no page to be sent to."""
        return None

    async def tokens(self, api: Api, given: Mapping[str, str], *, verifier: str, redirect_uri: str) -> Tokens:
        """See `Grant.tokens`."""
        token, chat = given.get("token", "").strip(), given.get("chat", "").strip()
        if not _TOKEN.fullmatch(token):
            raise Reject("that is no token of a bot", advice="Give what @BotFather wrote, as 123:ABC…", field="token")
        bot = _result(await api.ask(call(self.base_url, token, "getMe")), "whose bot it is")
        named = _LINK.fullmatch(chat)
        chat = f"@{named[1]}" if named else chat if chat.startswith(("@", "-")) else f"@{chat}"
        return Tokens(access=token, more={"chat": chat, "bot_id": str(bot.get("id", ""))})

    async def refresh(self, api: Api, tokens: Tokens) -> Tokens:
        """See `Grant.refresh`."""
        raise RevokedError("Telegram takes the bot's token no more")


class Telegram:
    """See `Platform`. An account is a channel, by its name, or its number where it has none."""

    name: ClassVar[str] = "telegram"

    def __init__(self, settings: TelegramSettings) -> None:
        self._base = settings.telegram_base_url.rstrip("/")
        largest = 50_000_000 if self._base == CLOUD else 2_000_000_000
        self.limits = Limits(
            source="Telegram Bot API: sendVideo; Bots FAQ",
            description=Text(1024, "utf16"),
            bytes=(1, largest),
            quotas=(Quota(20, window=timedelta(minutes=1)),),
        )
        self.grant: Grant | None = BotGrant(self._base)

    async def owners(self, api: Api, tokens: Tokens) -> Sequence[Owner]:
        """See `Platform.owners`: one, the chat that was named."""
        form = {"chat_id": tokens.more.get("chat", "")}
        chat = _result(await api.ask(call(self._base, tokens.access, "getChat", form)), "which channel it is")
        if chat.get("type") not in {"channel", "supergroup"} or whole_of(chat, "id") is None:
            raise Reject(
                f"{form['chat_id']} is no channel, but of the type {chat.get('type')!r}",
                advice="Give a channel or a supergroup",
                field="chat",
            )
        ident, username = str(chat["id"]), text_of(chat, "username")
        form = {"chat_id": ident, "user_id": tokens.more.get("bot_id", "")}
        member = _result(await api.ask(call(self._base, tokens.access, "getChatMember", form)), "what the bot may")
        _may_post(member, str(chat["type"]), str(chat.get("title") or username))
        details = {"chat_id": ident, "type": str(chat["type"]), "bot_id": form["user_id"]}
        if username:
            details["username"] = username
        return [Owner(username or ident, str(chat.get("title") or username or ident), tokens, details)]

    async def check(self, session: Session, post: Post) -> None:
        """See `Platform.check`: whether the bot may post still."""
        details = session.account.details
        form = {"chat_id": details.get("chat_id", ""), "user_id": details.get("bot_id", "")}
        member = await self._asked(
            session, call(self._base, session.tokens.access, "getChatMember", form), "its rights"
        )
        _may_post(member, details.get("type", ""), post.account_id)

    async def publish(self, session: Session, post: Post, steps: Steps) -> Posted:
        """See `Platform.publish`: one request with everything in it."""

        async def make() -> dict[str, Any]:
            sent = video_call(self._base, session.tokens.access, session.account, post)
            message = await self._asked(session, sent, f"to post {post.title!r}", make=True)
            if whole_of(message, "message_id") is None:
                raise LostError("Telegram took the video and did not tell its number")
            await session.progress(1.0)
            return {"id": message["message_id"], "at": message.get("date") or session.now.timestamp()}

        async def ask() -> dict[str, Any] | None:
            raise self._unknown(post)

        done = await steps.once("message", make, ask=ask)
        url = _link(session.account, done["id"])
        return Posted(str(done["id"]), url, datetime.fromtimestamp(done["at"], UTC), labelless(post, "Telegram"))

    async def find(self, session: Session, post: Post) -> Posted | None:
        """See `Platform.find`."""
        raise self._unknown(post)

    async def delete(self, session: Session, platform_id: str) -> None:
        """See `Platform.delete`. What is not there is deleted; Telegram lets a bot do it for 48 hours."""
        form = {"chat_id": session.account.details.get("chat_id", ""), "message_id": platform_id}
        try:
            await self._asked(session, call(self._base, session.tokens.access, "deleteMessage", form), "to delete it")
        except Reject as error:
            if "message to delete not found" not in error.what:
                raise

    async def metrics(self, session: Session, platform_ids: Sequence[str]) -> Mapping[str, Metrics]:
        """See `Platform.metrics`. Telegram tells bots of nothing that is counted."""
        return {}

    def plan(self, account: Account, post: Post, tokens: Tokens) -> Sequence[Call]:
        """See `Platform.plan`. The token is a part of the address, and is not shown."""
        return [video_call(self._base, "{token}", account, post)]

    async def _asked(self, session: Session, sent: Call, what: str, *, make: bool = False) -> dict[str, Any]:
        """The result. Raises `LostError` where something may have been made and it is not known."""
        try:
            answer = _certain(await session.send(sent))
        except LostError as error:
            if make:
                raise
            raise Unavailable(str(error), advice="It is tried again by itself") from error
        if answer.status == 401:
            await session.renew()
        return _result(answer, what)

    def _unknown(self, post: Post) -> UnconfirmedError:
        return UnconfirmedError(
            f"Telegram gave no answer to the video, and lets no bot look whether it is in {post.account_id}",
            advice="Look at the channel, then say whether it is there",
        )


def call(base: str, token: str, method: str, form: Mapping[str, str] | None = None) -> Call:
    """A request without a file."""
    return Call("POST", f"{base}/bot{token}/{method}", form=form, authorize=False)


def video_call(base: str, token: str, account: Account, post: Post) -> Call:
    """Post the video. Without its sides and its length clients show a black square in its place."""
    film = post.film
    fields = {
        "chat_id": account.details.get("chat_id", ""),
        "caption": post.description,
        "duration": str(round(film.duration)),
        "width": str(film.width),
        "height": str(film.height),
        "cover": "attach://cover_file",
        "supports_streaming": "true",
    }
    parts = [
        *(Part(name, value) for name, value in fields.items()),
        Part("video", Piece(film.path, 0, film.bytes), f"{post.publication_id}.mp4", film.content_type),
        Part("cover_file", Piece(post.cover, 0, post.cover.stat().st_size), "cover.jpg", "image/jpeg"),
    ]
    # The answer comes once the server has passed the video on: one of your own does that over your line.
    wait = 120 + film.bytes / _PASSED_ON
    return Call("POST", f"{base}/bot{token}/sendVideo", parts=parts, authorize=False, answer_s=wait)


def _certain(answer: Answer) -> Answer:
    """An answer of Telegram itself. What a proxy says otherwise is not quoted: the address has the token in it."""
    if answer.status >= 500 or (answer.ok and answer.json().get("ok") is not True):
        raise LostError(f"Telegram gave no answer of its own, but HTTP {answer.status}")
    return answer


def _result(answer: Answer, what: str) -> dict[str, Any]:
    """The `result` of an answer. Raises `Retry` and `Reject` as its code says; `what` was asked for."""
    told = answer.json()
    if answer.ok and told.get("ok") is True:
        return object_of(told, "result")
    words = words_in(told, "description") or f"HTTP {answer.status}"
    if answer.status == 429:
        after = number_of(told, "parameters", "retry_after")
        wait = resets_in(answer.headers) if after is None else after
        raise Retry(f"Telegram takes nothing of the bot for now, {what}: {words}", after=wait)
    if answer.status in {401, 404}:
        raise Reject(f"Telegram does not know the bot: {words}", advice="Connect it again, with @BotFather's token")
    if answer.status < 400:
        raise Unavailable(f"Telegram did not tell {what}: {words}", advice="Check CLIPWIRE_TELEGRAM_BASE_URL")
    known = (advice for part, advice in _ADVICE.items() if part in words.lower())
    raise Reject(f"Telegram did not do it, {what}: {words}", advice=next(known, "Change what it names"))


def _may_post(member: Mapping[str, Any], kind: str, where: str) -> None:
    """Raises `Reject` where a bot may not post: in a channel only administrators may."""
    status = member.get("status")
    right = "can_post_messages" if kind == "channel" else "can_send_videos"
    may = {"creator": True, "administrator": kind != "channel" or bool(member.get(right))}
    may |= {"member": kind != "channel", "restricted": kind != "channel" and bool(member.get(right))}
    if not may.get(str(status), False):
        raise Reject(
            f"the bot may not post in {where}: it is {status or 'nothing'} there",
            advice="Make it an administrator that may post messages",
        )


def _link(account: Account, message: int) -> str:
    """The address of a message; of a channel without a name only its members can open it."""
    chat = account.details.get("username") or f"c/{account.details.get('chat_id', '').removeprefix('-100')}"
    return f"https://t.me/{chat}/{message}"


def open_platform(settings: PublisherSettings, home: Path, media: MediaStore) -> Telegram:
    """Telegram, as the settings have it. Asks nothing yet."""
    return Telegram(TelegramSettings())
