"""What a message of a linked chat asks for: a command, a link, a video, or plain words."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from zoneinfo import available_timezones

import structlog
from pydantic import ValidationError

from contracts.events import CandidateApproved, DiscoveryRequested
from contracts.ids import digest
from contracts.permissions import COMMANDS as PERMISSIONS
from contracts.permissions import allowed
from gateway.telegram.cards import Ask, Card, Line, Note, Order, Scan, Video
from gateway.telegram.fleet import Fleet, Running
from gateway.telegram.hearing import Hearing
from gateway.telegram.library import Message
from gateway.telegram.library import exceptions as telegram
from gateway.telegram.masking import masked
from gateway.telegram.model import Model
from gateway.telegram.page import Page
from gateway.telegram.people import Person
from gateway.telegram.received import Received, TooLargeError
from gateway.telegram.rows import Link
from gateway.telegram.settings import TelegramSettings
from gateway.telegram.views import Views
from gateway.telegram.words import LANGUAGES, words_in
from runtime.bus import Bus
from runtime.errors import Reject, Unavailable

__all__ = ["Answer", "Orders"]

log = structlog.get_logger(__name__)

_URL = re.compile(r"https?://\S+")
_HELP = ("head", "scan", "clip", "queue", "status", "channels", "metrics", "retry", "more")


@dataclass(frozen=True)
class Answer:
    """`cards`: what is said, by thing (empty: the answer to this very message). `orders`: commands to send.

    `then`: what else is written in the same transaction; whatever takes time was done before.
    """

    cards: tuple[tuple[str, Card], ...] = ()
    orders: tuple[Order, ...] = ()
    then: Callable[[Page], Awaitable[None]] | None = None


def _told(*lines: Line, then: Callable[[Page], Awaitable[None]] | None = None) -> Answer:
    return Answer(cards=(("", Note(lines=lines)),), then=then)


class Orders:
    """Reads messages. `model`: reads plain words; none: commands alone are understood."""

    def __init__(
        self,
        *,
        settings: TelegramSettings,
        views: Views,
        hearing: Hearing,
        received: Received,
        bus: Bus,
        model: Model | None,
        fleet: Fleet,
    ) -> None:
        self._fleet = fleet
        self._settings = settings
        self._views = views
        self._hearing = hearing
        self._received = received
        self._bus = bus
        self._model = model

    async def answer(self, running: Running, link: Link, person: Person, message: Message) -> Answer:
        """What the message leads to."""
        text = (message.text or message.caption or "").strip()
        if message.video or message.document or message.animation or message.video_note:
            return await self._file(running, person, message)
        if text.startswith("/"):
            name, _, rest = text.partition(" ")
            return await self._command(name[1:].partition("@")[0].lower(), rest.strip(), running, link, person, message)
        found = _URL.search(text)
        if found is not None:
            return self.clip(found[0], person)
        return await self._plain(text, link, person, message) if text else await self._help()

    async def _command(
        self, name: str, rest: str, running: Running, link: Link, person: Person, message: Message
    ) -> Answer:
        if name == "scan":
            return self.scan(rest, _ident(message)) if rest else _told(Line(key="say.scan_what"))
        if name == "clip":
            return self.clip(rest, person) if rest else _told(Line(key="say.clip_what"))
        if name == "start":
            return _told(Line(key="link.already", values={"name": link.name}))
        if name == "language":
            return self._language(rest, link)
        if name == "timezone":
            return self._timezone(rest, link)
        if name == "bot":
            return await self._bring(rest, running, person, message)
        if name in {"unlink", "stop"}:
            return await self._unlink(running, link)
        look = await self.look(name, link, person)
        return look if look is not None else await self._help()

    async def look(self, name: str, link: Link, person: Person) -> Answer | None:
        """The answer to a command that changes nothing; none, where there is no such command."""
        if name == "queue":
            return await self._queue(link, person)
        if name == "status":
            missing = sorted({state.actor for state in await self._bus.consumers() if not state.bound})
            return Answer(cards=(("", await self._views.status(person, missing)),))
        if name == "channels":
            return Answer(cards=(("", await self._views.channels(person)),))
        if name == "metrics":
            return Answer(cards=(("", await self._views.metrics(person)),))
        if name == "retry":
            return Answer(cards=(("", await self._views.failures(person)),))
        return None

    def scan(self, niche: str, ident: str) -> Answer:
        """Look for videos. `ident`: makes the id of the scan, the same where the message comes again."""
        niche, scan_id = " ".join(niche.split())[:500], f"telegram-{ident}"
        body = DiscoveryRequested(niche=niche, scan_id=scan_id).model_dump(mode="json", exclude_defaults=True)
        return Answer(
            ((scan_id, Scan(scan_id=scan_id, niche=niche)),), (Order(subject="discovery.requested", body=body),)
        )

    def clip(self, url: str, person: Person, title: str = "") -> Answer:
        """Make shorts of a video. Only addresses of the web: a file of the machine is nobody's to name from outside."""
        url = url.strip().rstrip(".,;)>\u201d\u00bb")
        if not url.lower().startswith(("https://", "http://")):
            return _told(Line(key="say.no_link"))
        return self._approve(url, person, title)

    def _approve(self, url: str, person: Person, title: str) -> Answer:
        try:
            approved = CandidateApproved(url=url, approved_by=person.name)
            thing = approved.key
            body = approved.model_dump(mode="json", exclude_defaults=True)
        except (ValidationError, ValueError) as error:
            why = error.errors(include_url=False)[0]["msg"] if isinstance(error, ValidationError) else str(error)
            return _told(Line(key="say.bad_link", values={"why": why.removeprefix("Value error, ")}))
        card = Video(candidate_id=thing, url=url, title=title, state="sent", by=person.name, followed=True)
        return Answer(((thing, card),), (Order(subject="candidate.approved", body=body),))

    async def _file(self, running: Running, person: Person, message: Message) -> Answer:
        if PERMISSIONS["candidate.approved"] not in allowed(person.role):
            return _told(Line(key="say.viewer"))
        try:
            file = await self._received.keep(running.bot, message)
        except TooLargeError as error:
            values = {"size": str(error.megabytes), "limit": str(error.limit)}
            return _told(Line(key="say.file_large", values=values))
        except (Reject, Unavailable) as error:
            return _told(Line(key="say.refused", values={"why": error.what}))
        if file is None:
            return _told(Line(key="say.file_kind"))
        return self._approve(file.address, person, file.name)

    async def _queue(self, link: Link, person: Person) -> Answer:
        """The list; and the newest questions themselves, as new messages at the end of the chat."""
        newest = reversed((await self._views.waiting(person))[:5])
        asked = [(row["id"], await self._hearing.question(link, row)) for row in newest]

        async def show(page: Page) -> None:
            for thing, write in asked:
                kept = await page.card(link, thing)
                if kept is None:
                    await write(page)
                elif kept.message_id is not None:
                    await page.say_again(kept.card_id)

        return Answer(cards=(("", await self._views.queue(person)),), then=show)

    def _language(self, rest: str, link: Link) -> Answer:
        wanted = rest.lower()[:2]
        if wanted not in LANGUAGES:
            names = ", ".join(f"/language {name} ({words_in(name).plain('language.name')})" for name in LANGUAGES)
            return _told(Line(key="language.which", values={"languages": names}))
        return _told(Line(key="language.set"), then=lambda page: page.language(link, wanted))

    def _timezone(self, rest: str, link: Link) -> Answer:
        if not rest:
            zone = link.timezone or self._settings.telegram_timezone
            return _told(Line(key="timezone.which", values={"zone": zone}))
        known = {name.lower(): name for name in available_timezones()}
        zone = known.get(rest.lower().replace(" ", "_"), "")
        if not zone:
            return _told(Line(key="timezone.unknown", values={"zone": rest}))
        return _told(Line(key="timezone.set", values={"zone": zone}), then=lambda page: page.timezone(link, zone))

    async def _bring(self, token: str, running: Running, person: Person, message: Message) -> Answer:
        """A bot of one's own. The message with its token is taken out of the chat."""
        if not self._settings.telegram_own_bots:
            return _told(Line(key="bot.off"))
        if not token:
            return _told(Line(key="bot.how"))
        try:
            await running.bot.delete_message(message.chat.id, message.message_id)
        except telegram.TelegramAPIError as error:
            log.info("telegram.token_left_in_chat", why=masked(error))
        try:
            row = await self._fleet.add(token, person.user_id)
        except (Reject, Unavailable) as error:
            return _told(Line(key="say.refused", values={"why": error.what}))
        values = {"username": row.username, "url": f"https://t.me/{row.username}"}
        return _told(Line(key="bot.added", values=values))

    async def _unlink(self, running: Running, link: Link) -> Answer:
        """Said before it is done, because nothing can be said afterwards."""
        words = words_in(link.language)
        try:
            await running.bot.send_message(link.chat_id, words("link.removed"), parse_mode="HTML")
        except telegram.TelegramAPIError as error:
            log.info("telegram.unlink_not_told", why=masked(error))
        return Answer(then=lambda page: page.unlink(link))

    async def _help(self, first: Line | None = None) -> Answer:
        size = str(self._received.limit_mb)
        lines = [Line(key=f"help.{name}", values={"size": size} if name == "head" else {}) for name in _HELP]
        lines += [Line(key="help.bot")] if self._settings.telegram_own_bots else []
        lines += [Line(key="help.reply")]
        lines += [Line(key="help.plain")] if self._model is not None else []
        return _told(*([first] if first else []), *lines)

    async def _plain(self, text: str, link: Link, person: Person, message: Message) -> Answer:
        """What somebody says in their own words. What would change anything is asked about first."""
        if self._model is None:
            return await self._help(Line(key="say.unknown"))
        try:
            meant = await self._model.read(text[:1000])
        except Unavailable as error:
            return await self._help(Line(key="say.model_away", values={"why": error.what}))
        if meant.wants == "scan" and meant.topic:
            scan = self.scan(meant.topic, _ident(message))
            question = Line(key="ask.scan", values={"niche": meant.topic})
            return Answer(((scan.cards[0][0], Ask(question=question, does=scan.orders[0])),))
        return await self.look(meant.wants, link, person) or await self._help(Line(key="say.unknown"))


def _ident(message: Message) -> str:
    return digest(message.chat.id, message.message_id, message.date.timestamp())
