"""What a publication would do, what waits, and what becomes of posts that are out; the doors ask, and no event comes of
it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

from actors.publisher.adapters.found import UNKNOWN
from actors.publisher.adapters.preparing import (
    chapters_of,
    facts_of,
    platform_of,
    post_of,
    render_of,
    transcript_of,
    wording_of,
)
from actors.publisher.core.chapters import rule_of
from actors.publisher.core.rights import barred
from actors.publisher.core.rules import rules
from actors.publisher.core.shape import remade
from actors.publisher.ports import Calendar, Call, Part, Piece, Platform, Sessions, Tokens
from actors.publisher.store import DONE, MOVING, SAID, key_of, now
from contracts import asks
from contracts.events import PublishRequested
from contracts.keys import rejection_key
from contracts.publishing import Account
from contracts.renders import Render
from contracts.work import Channel, Publication
from runtime.asks import Answers
from runtime.channels import Channels
from runtime.claims import Claims
from runtime.errors import Reject
from runtime.media import MediaStore

__all__ = ["Rehearsal"]

_LONGEST = 4000
_MOST = 2000


class _Hidden(dict[str, str]):
    """Secrets by any name, as `{name}`."""

    def __missing__(self, name: str) -> str:
        return f"{{{name.replace('_', ' ')}}}"

    def get(self, name: str, default: object = None) -> str:
        return self[name]


HIDDEN = Tokens(access="{access token}", refresh="{refresh token}").model_copy(update={"more": _Hidden()})


_STATES = {"said": "published", "done": "published", "moving": "published", "taken": "new"}


class Rehearsal:
    """Answers `plan`, `planned`, `published`, `metrics` and `delete`."""

    def __init__(
        self,
        platforms: Mapping[str, Platform],
        sessions: Sessions,
        *,
        media: MediaStore,
        claims: Claims,
        channels: Channels,
        calendar: Calendar,
    ) -> None:
        self._platforms = platforms
        self._sessions = sessions
        self._media = media
        self._claims = claims
        self._channels = channels
        self._calendar = calendar

    @property
    def answers(self) -> Answers:
        """Every question with what answers it."""
        return {
            asks.PLAN: self.plan,
            asks.PLANNED: self.planned,
            asks.PUBLISHED: self.published,
            asks.METRICS: self.metrics,
            asks.DELETE: self.delete,
        }

    async def plan(self, request: PublishRequested) -> asks.Plan:
        """The rules and the requests of a publication. What the platform alone knows is not checked."""
        platform = platform_of(self._platforms, request.account_id)
        render = await render_of(self._media, request)
        channel = await self._channels.get(request.channel_id)
        claim = await self._claims.get(key_of(request.publication_id))
        transcript = await transcript_of(self._media, render)
        order = remade(render, request, platform.limits, transcript.sentences if transcript else ())
        facts = await facts_of(self._media, render, request, channel, platform, transcript)
        ahead = _ahead(request, platform)
        if ahead is not None:
            facts = {**facts, "publish_at": ahead.isoformat()}
        post = await post_of(self._media, request, render, facts)
        checked, wording = rules(platform.limits, post), wording_of(channel, platform)
        if "{chapters}" in wording.description:
            found = await chapters_of(self._media, render, wording, platform.limits, transcript)
            checked.append(rule_of(found, platform.limits.chapters))
        account = await self._account(platform, request.account_id)
        film = post.film
        return asks.Plan(
            publication_id=request.publication_id,
            account_id=request.account_id,
            state=_STATES.get(claim.step, claim.step) if claim else "new",
            when=_when(request, channel, ahead),
            barred=await self._barred(render, request, channel),
            anew=order.render_id if order else None,
            title=post.title,
            description=post.description,
            tags=post.tags,
            file=f"{film.path.name}: {film.width}x{film.height}, {film.duration:.1f} s, {film.bytes} bytes",
            rules=tuple(
                asks.RuleCheck(name=rule.name, kept=rule.kept, found=rule.found, allowed=rule.allowed, fix=rule.fix)
                for rule in checked
            ),
            source=platform.limits.source,
            calls=tuple(_view(call) for call in platform.plan(account, post, HIDDEN)),
        )

    async def metrics(self, asked: asks.WhichMetrics) -> asks.Counted:
        """What the platform counts of these posts."""
        platform = platform_of(self._platforms, asked.account_id)
        session = await self._sessions.open(platform, asked.account_id, _unheard)
        known = [ident for ident in asked.platform_ids if ident != UNKNOWN]
        return asks.Counted(metrics=dict(await platform.metrics(session, known)) if known else {})

    async def planned(self, asked: asks.WhichPlanned) -> asks.Planned:
        """What waits for its time on these accounts."""
        lists = [await self._calendar.planned(account_id) for account_id in dict.fromkeys(asked.account_ids)]
        every = sorted((each for waiting in lists for each in waiting), key=lambda each: each.at)
        waiting = tuple(
            asks.Waiting(publication_id=each.publication_id, account_id=each.account_id, at=each.at, wanted=each.wanted)
            for each in every[:_MOST]
        )
        return asks.Planned(waiting=waiting, left_off=len(every) - len(waiting))

    async def published(self, asked: asks.WhichPublications) -> asks.Published:
        """Those that are out, and where."""
        claims = [await self._claims.get(key_of(ident)) for ident in dict.fromkeys(asked.publication_ids)]
        out = [
            claim.data["publication"] for claim in claims if claim is not None and claim.step in {DONE, SAID, MOVING}
        ]
        return asks.Published(publications=tuple(Publication.model_validate(each) for each in out))

    async def delete(self, asked: asks.WhichPost) -> asks.Deleted:
        """Take a post down. Raises `Reject` where the platform does not allow it."""
        platform = platform_of(self._platforms, asked.account_id)
        if asked.platform_id == UNKNOWN:
            raise Reject(
                f"only the address of the post is known, and not by which id {platform.name} knows it",
                advice=f"Delete it on {platform.name} itself",
            )
        session = await self._sessions.open(platform, asked.account_id, _unheard)
        await platform.delete(session, asked.platform_id)
        return asks.Deleted(account_id=asked.account_id, platform_id=asked.platform_id)

    async def _barred(self, render: Render, request: PublishRequested, channel: Channel) -> str | None:
        if await self._claims.get(rejection_key(render.render_id)) is not None and request.requested_by.startswith(
            "rule:"
        ):
            return "a person wants it not to be published"
        return barred(render, request, channel)

    async def _account(self, platform: Platform, account_id: str) -> Account:
        if platform.grant is None:
            return Account(account_id=account_id, platform=platform.name, title=account_id, connected_at=now())
        return (await self._sessions.open(platform, account_id, _unheard)).account


def _ahead(request: PublishRequested, platform: Platform) -> datetime | None:
    """The time that the platform itself would keep; none where it has to wait here, or goes out at once."""
    window, at = platform.limits.schedules, request.publish_at
    return at if at is not None and window is not None and window[0] <= at - now() <= window[1] else None


def _when(request: PublishRequested, channel: Channel, ahead: datetime | None) -> str:
    at = request.publish_at
    if ahead is not None:
        return f"sent at once, seen at {ahead.isoformat()}: the platform keeps the time"
    if at is not None and at > now():
        return f"sent at {at.isoformat()}, unless a quota of the platform forbids it then"
    if at is None and channel.schedule is not None:
        return f"in the next free slot of the schedule of {channel.channel_id!r}"
    return "at once, unless a quota of the platform forbids it"


async def _unheard(done: float) -> None:
    """Nothing is uploaded here."""


def _view(call: Call) -> asks.CallView:
    headers = dict(call.headers)
    if call.authorize:
        headers.setdefault("Authorization", f"Bearer {HIDDEN.access}")
    url = call.url
    if call.params:
        url += ("&" if "?" in url else "?") + "&".join(f"{name}={value}" for name, value in call.params.items())
    return asks.CallView(method=call.method, url=url, headers=headers, body=_body(call)[:_LONGEST])


def _body(call: Call) -> str:
    if call.json is not None:
        return json.dumps(call.json, ensure_ascii=False, indent=1)
    if call.form is not None:
        return "\n".join(f"{name}={value}" for name, value in call.form.items())
    if call.parts:
        return "\n".join(f"{part.name}={_part(part)}" for part in call.parts)
    return "" if call.body is None else _bytes(call.body)


def _part(part: Part) -> str:
    return part.value if isinstance(part.value, str) else _bytes(part.value)


def _bytes(value: bytes | Piece) -> str:
    if isinstance(value, Piece):
        return f"{{{value.path.name}: bytes {value.start} to {value.start + value.size - 1}}}"
    return f"{{{len(value)} bytes}}"
