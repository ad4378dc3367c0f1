"""What each event changes in the chats that hear of it. Pure: from an event and what is known around it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from contracts import events as e
from contracts.ids import publication_id
from contracts.media import Candidate
from contracts.renders import Render
from contracts.work import Channel
from gateway.telegram.cards import Card, Failed, Order, Post, Scan, Short, Unsure, Video

__all__ = ["SUBJECTS", "Change", "Known", "changes"]

SUBJECTS = (
    "discovery.done",
    "candidate.approved",
    "candidate.rejected",
    "clip.downloaded",
    "clip.transcribed",
    "clip.analyzed",
    "render.requested",
    "render.done",
    "render.rejected",
    "approval.asked",
    "publish.requested",
    "publish.planned",
    "publish.done",
    "publish.unconfirmed",
    "work.failed",
)
"""What is heard."""
_LOCAL = "outbox"


@dataclass(frozen=True)
class Known:
    """What is known around an event, as far as it could be found out."""

    channel: Channel | None = None
    candidate: Candidate | None = None
    render: Render | None = None
    score: float | None = None
    why: str = ""
    title: str = ""
    clip_id: str | None = None
    again: Order | None = None


@dataclass(frozen=True)
class Change:
    """`thing`: what it is about, one message per chat. `where`: only in chats that show this thing already."""

    thing: str
    change: Callable[[Card | None], Card | None]
    where: str | None = field(default=None)


def changes(data: Any, known: Known) -> list[Change]:
    """What an event changes."""
    tell = _NEWS.get(type(data))
    return tell(data, known) if tell is not None else []


def _of(kind: type[Any], thing: str, change: Callable[[Any], Card]) -> Change:
    """A change of what is shown already; nothing where it is not."""
    return Change(thing, lambda card: change(card) if isinstance(card, kind) else card)


def _discovery_done(data: e.DiscoveryDone, _: Known) -> list[Change]:
    told = tuple((each.source, each.status, each.found, each.reason or "") for each in data.sources)
    return [_of(Scan, data.scan_id, lambda card: card.model_copy(update={"found": data.found, "sources": told}))]


def _approved(data: e.CandidateApproved, _: Known) -> list[Change]:
    def change(card: Video) -> Video:
        fresh = {"state": "approved", "by": data.approved_by, "note": "", "progress": None, "menu": ""}
        return card.model_copy(update=fresh)

    return [_of(Video, data.key, change)]


def _rejected(data: e.CandidateRejected, _: Known) -> list[Change]:
    fresh = {"state": "rejected", "by": data.rejected_by, "note": data.reason}
    return [_of(Video, data.key, lambda card: card.model_copy(update=fresh))]


def _clip(state: str) -> Callable[[Any, Known], list[Change]]:
    def tell(data: e.ClipDownloaded | e.ClipTranscribed | e.ClipAnalyzed, _: Known) -> list[Change]:
        clip = data.clip
        note = data.reason or "" if isinstance(data, e.ClipAnalyzed) else ""
        fresh: dict[str, Any] = {"state": state, "title": clip.title, "duration": clip.duration, "note": note}
        return [_of(Video, data.key, lambda card: card.model_copy(update={**fresh, "progress": None}))]

    return tell


def _in_video(clip_id: str, render_id: str, state: str) -> Change:
    return _of(
        Video,
        clip_id,
        lambda card: card.model_copy(update={"shorts": {**card.shorts, render_id: state}, "progress": None}),
    )


def _render_requested(data: e.RenderRequested, _: Known) -> list[Change]:
    return [_in_video(data.clip_id, data.render_id, "ordered")]


def _render_done(data: e.RenderDone, known: Known) -> list[Change]:
    def shown(card: Card | None) -> Card | None:
        return card if isinstance(card, Short) else _short(data.render, data.channel_id, known)

    made = _in_video(data.render.clip_id, data.key, "made")
    # Where its video was asked for, its shorts are shown, whatever the rules of the channel do with them.
    return [made, Change(data.key, shown, where=data.render.clip_id)]


def _short(render: Render, channel_id: str, known: Known) -> Short:
    channel = known.channel
    recipes = tuple(each for each in channel.recipes if each.name != render.recipe.name) if channel else ()
    return Short(
        render_id=render.render_id,
        clip_id=render.clip_id,
        start=render.start,
        end=render.end,
        recipe=render.recipe,
        title=render.title,
        channel_id=channel_id,
        video=render.video,
        width=render.width,
        height=render.height,
        duration=render.duration,
        score=known.score,
        why=known.why,
        zone=channel.schedule.timezone if channel and channel.schedule else "",
        slots=bool(channel and channel.schedule),
        recipes=recipes[:4],
    )


def _render_rejected(data: e.RenderRejected, _: Known) -> list[Change]:
    fresh = {"state": "rejected", "by": data.rejected_by, "menu": ""}
    return [_of(Short, data.key, lambda card: card.model_copy(update=fresh))]


def _asked(data: e.ApprovalAsked, known: Known) -> list[Change]:
    return [_asked_video(data, known) if data.about == "candidate" else _asked_short(data, known)]


def _asked_video(data: e.ApprovalAsked, known: Known) -> Change:
    candidate = known.candidate

    def change(card: Card | None) -> Card | None:
        told = card if isinstance(card, Video) else Video(candidate_id=data.id)
        fresh: dict[str, Any] = {
            "state": "asked",
            "title": data.title,
            "reason": data.reason,
            "channel_id": data.channel_id,
            "score": known.score,
            "menu": "",
        }
        if candidate is not None:
            fresh |= {
                "url": candidate.url,
                "author": candidate.author or "",
                "duration": candidate.duration,
                "views": candidate.views,
            }
        return told.model_copy(update=fresh)

    return Change(data.id, change)


def _asked_short(data: e.ApprovalAsked, known: Known) -> Change:
    def change(card: Card | None) -> Card | None:
        if isinstance(card, Short):
            told = card
        elif known.render is not None:
            told = _short(known.render, data.channel_id, known)
        else:
            return card  # its video is gone from the media store: there is nothing to decide about
        fresh = {"state": "asked", "reason": data.reason, "accounts": data.accounts, "vouch": _must_vouch(data, known)}
        return told.model_copy(update=fresh)

    return Change(data.id, change)


def _must_vouch(data: e.ApprovalAsked, known: Known) -> bool:
    """Whether the publisher will want a person's word for the rights; folders of this machine need none."""
    if known.render is None or known.channel is None:
        return True
    rights, allowed = known.render.rights, known.channel.rules.rights
    enough = "any" in allowed or rights.status in allowed or rights.vouched_by is not None
    return not enough and any(account.partition(":")[0] != _LOCAL for account in data.accounts)


def _post(render_id: str, account_id: str, **fresh: Any) -> Change:
    ident = publication_id(render_id, account_id)

    def change(card: Short) -> Short:
        there = card.posts.get(ident) or Post(account_id=account_id, state="asked")
        if there.state == "published" != fresh["state"]:
            return card  # it stays out, whatever becomes of another order; a refusal has a message of its own
        state = "sent" if card.state in {"made", "asked"} else card.state
        return card.model_copy(
            update={"posts": {**card.posts, ident: there.model_copy(update=fresh)}, "state": state, "menu": ""}
        )

    return _of(Short, render_id, change)


def _publish_requested(data: e.PublishRequested, _: Known) -> list[Change]:
    return [_post(data.render_id, data.account_id, state="asked", note="")]


def _planned(data: e.PublishPlanned, _: Known) -> list[Change]:
    state = "planned" if data.anew is None else "replaced"
    return [_post(data.render_id, data.account_id, state=state, at=data.at, note=data.note)]


def _done(data: e.PublishDone, known: Known) -> list[Change]:
    post = data.publication
    there = _post(post.render_id, post.account_id, state="published", at=post.published_at, url=post.url)
    return [there, _of(Unsure, f"unsure:{data.key}", lambda card: card.model_copy(update={"state": "done"}))]


def _unconfirmed(data: e.PublishUnconfirmed, known: Known) -> list[Change]:
    def ask(_: Card | None) -> Card:
        return Unsure(
            publication_id=data.key,
            render_id=data.render_id,
            account_id=data.account_id,
            channel_id=known.channel.channel_id if known.channel else "default",
            title=known.title,
            reason=data.reason,
            advice=data.advice,
        )

    return [_post(data.render_id, data.account_id, state="unconfirmed"), Change(f"unsure:{data.key}", ask)]


def _failed(data: e.WorkFailed, known: Known) -> list[Change]:
    failure = data.failure
    stage = "account" if failure.subject == "account" else failure.stage

    def tell(_: Card | None) -> Card:
        return Failed(
            entity=failure.entity,
            stage=stage,
            what=failure.what.rstrip("."),
            advice=failure.advice.rstrip("."),
            title=known.title,
            again=known.again,
        )

    told = [Change(f"failed:{failure.entity}:{stage}", tell)]
    if failure.subject == "discovery.requested":
        return [_of(Scan, failure.entity, lambda card: card.model_copy(update={"failed": failure.what})), *told]
    if failure.subject == "render.requested":
        return [*([_in_video(known.clip_id, failure.entity, "failed")] if known.clip_id else []), *told]
    return [*told, *_failed_in_place(failure, known)]


def _failed_in_place(failure: Any, known: Known) -> list[Change]:
    """The message of the thing itself says it too."""
    if failure.entity.startswith("p_") and known.again is not None:
        body = known.again.body
        return [_post(body["render_id"], body["account_id"], state="failed", note=failure.what)]
    return [_of(Video, failure.entity, lambda card: card.model_copy(update={"state": "failed", "progress": None}))]


_NEWS: dict[type[Any], Callable[[Any, Known], list[Change]]] = {
    e.DiscoveryDone: _discovery_done,
    e.CandidateApproved: _approved,
    e.CandidateRejected: _rejected,
    e.ClipDownloaded: _clip("downloaded"),
    e.ClipTranscribed: _clip("transcribed"),
    e.ClipAnalyzed: _clip("analyzed"),
    e.RenderRequested: _render_requested,
    e.RenderDone: _render_done,
    e.RenderRejected: _render_rejected,
    e.ApprovalAsked: _asked,
    e.PublishRequested: _publish_requested,
    e.PublishPlanned: _planned,
    e.PublishDone: _done,
    e.PublishUnconfirmed: _unconfirmed,
    e.WorkFailed: _failed,
}
