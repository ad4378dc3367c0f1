"""What a pressed button, or a reply to a message, leads to: commands, and how its card is then. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from contracts.events import (
    CandidateApproved,
    CandidateRejected,
    PublishRequested,
    RenderRejected,
    RenderRequested,
)
from contracts.renders import Recipe
from gateway.telegram.cards import Ask, Card, Failed, Note, Order, Post, Short, Unsure, Video
from gateway.telegram.times import PastError, moment_in

__all__ = ["Outcome", "Who", "press", "reply"]


@dataclass(frozen=True)
class Who:
    """Who presses or replies, when, and in which time zone."""

    name: str
    now: datetime
    zone: ZoneInfo


@dataclass(frozen=True)
class Outcome:
    """`card`: as it is now, None: as it was. `orders`: commands to send. `say`: key of a text that tells it."""

    card: Card | None = None
    orders: tuple[Order, ...] = ()
    say: str = ""


_GONE = Outcome(say="say.gone")


def press(card: Card, verb: str, choice: str, who: Who) -> Outcome:
    """A button of a card was pressed. One that is not there (any more) does nothing."""
    act = _PRESSES.get((type(card), verb))
    return act(card, choice, who) if act is not None else _GONE


def reply(card: Card, text: str, who: Who) -> Outcome:
    """Somebody replied to the message of a card."""
    if isinstance(card, Short) and card.state in {"asked", "sent", "made"}:
        return _reply_to_short(card, text, who)
    if isinstance(card, Unsure) and card.state in {"open", "where"}:
        return _where(card, text, who)
    return Outcome(say="say.nothing_here")


# -- a finished short


def _published(card: Short, who: Who, *, at: datetime | None, vouched: bool) -> Outcome:
    """Order its publication on every account that is asked about, or that waits."""
    waiting = [post.account_id for post in card.posts.values() if post.state == "planned"]
    accounts = waiting or ([] if card.posts else list(card.accounts))
    if not accounts:
        return _GONE
    orders, posts = [], dict(card.posts)
    for account in accounts:
        asked = PublishRequested(
            render_id=card.render_id,
            account_id=account,
            channel_id=card.channel_id,
            title=card.draft or None,
            requested_by=who.name,
            publish_at=at,
            vouch=vouched,
        )
        orders.append(_order("publish.requested", asked))
        posts[asked.publication_id] = Post(account_id=account, state="asked")
    after = card.model_copy(
        update={"state": "sent", "menu": "", "wish": "", "wish_at": None, "posts": posts, "by": who.name}
    )
    return Outcome(after, tuple(orders), "say.done")


def _publish(card: Short, wish: str, who: Who, at: datetime | None) -> Outcome:
    """Publish it, or ask for the person's word first where the rights are not enough."""
    if card.vouch and card.state == "asked":
        return Outcome(card.model_copy(update={"menu": "vouch", "wish": wish, "wish_at": at}))
    # What is out already on some account was vouched for by whoever said so.
    return _published(card, who, at=at, vouched=card.vouch)


def _now(card: Short, _: str, who: Who) -> Outcome:
    return _publish(card, "now", who, who.now)


def _next(card: Short, _: str, who: Who) -> Outcome:
    return _publish(card, "next", who, None)


def _at(card: Short, choice: str, who: Who) -> Outcome:
    local = who.now.astimezone(who.zone)
    if choice.endswith("h") and choice[:-1] in {"1", "3"}:
        at = who.now + timedelta(hours=int(choice[:-1]))
    elif choice in {"19", "9"}:
        tomorrow = choice == "9" or local.hour >= int(choice)
        day = local.date() + timedelta(days=1 if tomorrow else 0)
        at = datetime(day.year, day.month, day.day, int(choice), tzinfo=who.zone).astimezone(UTC)
    else:
        return _GONE
    return _publish(card, "at", who, at)


def _vouched(card: Short, _: str, who: Who) -> Outcome:
    if card.menu != "vouch":
        return _GONE
    return _published(card, who, at=who.now if card.wish == "now" else card.wish_at, vouched=True)


def _menu(menu: str) -> Callable[[Any, str, Who], Outcome]:
    def show(card: Short | Video, _: str, who: Who) -> Outcome:
        return Outcome(card.model_copy(update={"menu": menu}))

    return show


def _reject_short(card: Short, _: str, who: Who) -> Outcome:
    if card.state != "asked" or card.posts:
        return _GONE
    order = _order("render.rejected", RenderRejected(render_id=card.render_id, rejected_by=who.name))
    return Outcome(card.model_copy(update={"state": "rejected", "by": who.name, "menu": ""}), (order,), "say.done")


_LOOKS: dict[str, dict[str, Any]] = {
    "center": {"framing": "center"},
    "fit": {"framing": "fit"},
    "plain": {"captions": False},
    "hook": {"hook": True},
    "tight": {"tighten": "fillers"},
}


def _look(card: Short, choice: str, who: Who) -> Outcome:
    """The same span in another recipe, for the same accounts; a person is asked about that one anew."""
    if choice in _LOOKS:
        recipe: Recipe | None = card.recipe.model_copy(update=_LOOKS[choice])
    else:
        place = int(choice[1:]) if choice[:1] == "r" and choice[1:].isdecimal() else -1
        recipe = card.recipes[place] if 0 <= place < len(card.recipes) else None
    if recipe is None or card.state == "rejected":
        return _GONE
    order = RenderRequested(
        clip_id=card.clip_id,
        start=card.start,
        end=card.end,
        recipe=recipe,
        channel_id=card.channel_id,
        title=card.draft or card.title,
        reason=card.why,
        requested_by=who.name,
        accounts=card.accounts or None,
    )
    named = choice if choice in _LOOKS else recipe.name
    return Outcome(
        card.model_copy(update={"menu": "", "again": named}), (_order("render.requested", order),), "say.done"
    )


def _reply_to_short(card: Short, text: str, who: Who) -> Outcome:
    settled = card.posts and not any(post.state == "planned" for post in card.posts.values())
    if settled or not (card.accounts or card.posts):
        return Outcome(say="title.late")
    try:
        at = moment_in(text, who.now, who.zone)
    except PastError:
        return Outcome(say="say.past")
    if at is not None:
        return _publish(card, "at", who, at)
    title = text.partition(":")[2] if text.lower().startswith(("title:", "titel:", "заголовок:")) else text
    titled = card.model_copy(update={"draft": " ".join(title.split())[:300]})
    planned = [post for post in card.posts.values() if post.state == "planned"]
    if not planned:
        return Outcome(titled)
    # It waits already: the same order again, with the other title and at the same time.
    ats = {post.at for post in planned}
    return _published(titled, who, at=ats.pop() if len(ats) == 1 else None, vouched=card.vouch)


# -- a video that was found


def _approve(card: Video, _: str, who: Who) -> Outcome:
    if card.state != "asked":
        return _GONE
    approved = CandidateApproved(
        candidate_id=card.candidate_id, channel_id=card.channel_id, niche=card.niche, approved_by=who.name
    )
    after = card.model_copy(update={"state": "sent", "by": who.name, "menu": "", "followed": True})
    return Outcome(after, (_order("candidate.approved", approved),), "say.done")


def _reject_video(card: Video, _: str, who: Who) -> Outcome:
    if card.state != "asked":
        return _GONE
    order = _order("candidate.rejected", CandidateRejected(candidate_id=card.candidate_id, rejected_by=who.name))
    return Outcome(card.model_copy(update={"state": "rejected", "by": who.name}), (order,), "say.done")


def _video_again(card: Video, _: str, who: Who) -> Outcome:
    if card.state != "failed":
        return _GONE
    approved = CandidateApproved(
        candidate_id=card.candidate_id, channel_id=card.channel_id, niche=card.niche, approved_by=who.name
    )
    return Outcome(card.model_copy(update={"state": "sent"}), (_order("candidate.approved", approved),), "say.done")


# -- what failed, what nobody knows, and questions


def _try_again(card: Failed, _: str, who: Who) -> Outcome:
    if card.again is None or card.sent:
        return _GONE
    return Outcome(card.model_copy(update={"sent": True}), (_signed(card.again, who),), "say.done")


def _ask_where(card: Unsure, _: str, who: Who) -> Outcome:
    if card.state not in {"open", "where"}:
        return _GONE
    return Outcome(card.model_copy(update={"state": "where"}), (), "unsure.where")


def _unsure_back(card: Unsure, _: str, who: Who) -> Outcome:
    return Outcome(card.model_copy(update={"state": "open"})) if card.state == "where" else _GONE


def _not_there(card: Unsure, _: str, who: Who) -> Outcome:
    if card.state not in {"open", "where"}:
        return _GONE
    order = PublishRequested(
        render_id=card.render_id,
        account_id=card.account_id,
        channel_id=card.channel_id,
        requested_by=who.name,
        outcome="not_there",
    )
    return Outcome(card.model_copy(update={"state": "again"}), (_order("publish.requested", order),), "say.done")


def _where(card: Unsure, text: str, who: Who) -> Outcome:
    """It is there, and this is its address."""
    address = text.strip()
    if not address.startswith(("https://", "http://")) or " " in address or len(address) > 2000:
        return Outcome(say="say.not_url")
    order = PublishRequested(
        render_id=card.render_id,
        account_id=card.account_id,
        channel_id=card.channel_id,
        requested_by=who.name,
        outcome="there",
        url=address,
    )
    after = card.model_copy(update={"state": "there", "url": address})
    return Outcome(after, (_order("publish.requested", order),), "say.done")


def _yes(card: Ask, _: str, who: Who) -> Outcome:
    if card.state != "open":
        return _GONE
    return Outcome(card.model_copy(update={"state": "yes"}), (_signed(card.does, who),), "say.done")


def _no(card: Ask, _: str, who: Who) -> Outcome:
    return Outcome(card.model_copy(update={"state": "no"})) if card.state == "open" else _GONE


def _note_again(card: Note, choice: str, who: Who) -> Outcome:
    """One of the things that failed, once more."""
    place = int(choice) if choice.isdecimal() and len(choice) < 4 else -1
    if not 0 <= place < len(card.orders):
        return _GONE
    left = tuple(button for button in card.buttons if button[1:] != ("again", choice))
    if left == card.buttons:
        return _GONE
    return Outcome(card.model_copy(update={"buttons": left}), (_signed(card.orders[place], who),), "say.done")


def _order(subject: str, data: Any) -> Order:
    return Order(subject=subject, body=data.model_dump(mode="json", exclude_defaults=True))


_SIGNED = {"candidate.approved": "approved_by", "render.requested": "requested_by", "publish.requested": "requested_by"}


def _signed(order: Order, who: Who) -> Order:
    """The command in the name of who sends it."""
    field = _SIGNED.get(order.subject)
    return order.model_copy(update={"body": {**order.body, field: who.name}}) if field else order


_PRESSES: dict[tuple[type[Any], str], Callable[[Any, str, Who], Outcome]] = {
    (Short, "now"): _now,
    (Short, "next"): _next,
    (Short, "at"): _at,
    (Short, "vouch"): _vouched,
    (Short, "when"): _menu("when"),
    (Short, "other"): _menu("look"),
    (Short, "back"): _menu(""),
    (Short, "look"): _look,
    (Short, "reject"): _reject_short,
    (Video, "approve"): _approve,
    (Video, "reject"): _reject_video,
    (Video, "again"): _video_again,
    (Failed, "again"): _try_again,
    (Unsure, "there"): _ask_where,
    (Unsure, "gone"): _not_there,
    (Unsure, "back"): _unsure_back,
    (Ask, "yes"): _yes,
    (Ask, "no"): _no,
    (Note, "again"): _note_again,
}
