"""What a pressed button, or a reply to a message, leads to: commands, and how its card is then. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from contracts.events import CandidateApproved, CandidateRejected, PublishRequested
from gateway.telegram.cards import Ask, Card, Failed, Note, Order, Scan, Short, Unsure, Video
from gateway.telegram.outcome import GONE, Outcome, Who, order_of
from gateway.telegram.shorts import PRESSES, reply_to_short

__all__ = ["press", "reply"]


def press(card: Card, verb: str, choice: str, who: Who) -> Outcome:
    """A button of a card was pressed. One that is not there (any more) does nothing."""
    act = _PRESSES.get((type(card), verb))
    return act(card, choice, who) if act is not None else GONE


def reply(card: Card, text: str, who: Who) -> Outcome:
    """Somebody replied to the message of a card."""
    if isinstance(card, Short) and card.state in {"asked", "sent", "made"}:
        return reply_to_short(card, text, who)
    if isinstance(card, Unsure) and card.state in {"open", "where"}:
        return _where(card, text, who)
    return Outcome(say="say.nothing_here")


# -- a video that was found


def _approve(card: Video, _: str, who: Who) -> Outcome:
    if card.state != "asked":
        return GONE
    approved = CandidateApproved(
        candidate_id=card.candidate_id, channel_id=card.channel_id, niche=card.niche, approved_by=who.name
    )
    after = card.model_copy(update={"state": "sent", "by": who.name, "menu": "", "followed": True})
    return Outcome(after, (order_of("candidate.approved", approved),), "say.done")


def _reject_video(card: Video, _: str, who: Who) -> Outcome:
    if card.state != "asked":
        return GONE
    order = order_of("candidate.rejected", CandidateRejected(candidate_id=card.candidate_id, rejected_by=who.name))
    return Outcome(card.model_copy(update={"state": "rejected", "by": who.name}), (order,), "say.done")


def _video_again(card: Video, _: str, who: Who) -> Outcome:
    if card.state != "failed":
        return GONE
    approved = CandidateApproved(
        candidate_id=card.candidate_id, channel_id=card.channel_id, niche=card.niche, approved_by=who.name
    )
    return Outcome(card.model_copy(update={"state": "sent"}), (order_of("candidate.approved", approved),), "say.done")


# -- what failed, what nobody knows, and questions


def _try_again(card: Failed, _: str, who: Who) -> Outcome:
    if card.again is None or card.sent:
        return GONE
    return Outcome(card.model_copy(update={"sent": True}), (_signed(card.again, who),), "say.done")


def _ask_where(card: Unsure, _: str, who: Who) -> Outcome:
    if card.state not in {"open", "where"}:
        return GONE
    return Outcome(card.model_copy(update={"state": "where"}), (), "unsure.where")


def _unsure_back(card: Unsure, _: str, who: Who) -> Outcome:
    return Outcome(card.model_copy(update={"state": "open"})) if card.state == "where" else GONE


def _not_there(card: Unsure, _: str, who: Who) -> Outcome:
    if card.state not in {"open", "where"}:
        return GONE
    order = PublishRequested(
        render_id=card.render_id,
        account_id=card.account_id,
        channel_id=card.channel_id,
        requested_by=who.name,
        outcome="not_there",
    )
    return Outcome(card.model_copy(update={"state": "again"}), (order_of("publish.requested", order),), "say.done")


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
    return Outcome(after, (order_of("publish.requested", order),), "say.done")


def _yes(card: Ask, _: str, who: Who) -> Outcome:
    if card.state != "open":
        return GONE
    orders = (_signed(card.does, who),)
    told = {name: value for name in ("scan_id", "niche") if (value := card.does.body.get(name)) is not None}
    if card.does.subject == "discovery.requested" and len(told) == 2:
        # The question becomes the search itself: its message fills in as sources answer.
        return Outcome(Scan(**told, owner=card.owner), orders, "say.done")
    return Outcome(card.model_copy(update={"state": "yes"}), orders, "say.done")


def _no(card: Ask, _: str, who: Who) -> Outcome:
    return Outcome(card.model_copy(update={"state": "no"})) if card.state == "open" else GONE


def _note_again(card: Note, choice: str, who: Who) -> Outcome:
    """One of the things that failed, once more."""
    place = int(choice) if choice.isdecimal() and len(choice) < 4 else -1
    if not 0 <= place < len(card.orders):
        return GONE
    left = tuple(button for button in card.buttons if button[1:] != ("again", choice))
    if left == card.buttons:
        return GONE
    return Outcome(card.model_copy(update={"buttons": left}), (_signed(card.orders[place], who),), "say.done")


_SIGNED = {"candidate.approved": "approved_by", "render.requested": "requested_by", "publish.requested": "requested_by"}


def _signed(order: Order, who: Who) -> Order:
    """The command in the name of who sends it."""
    field = _SIGNED.get(order.subject)
    return order.model_copy(update={"body": {**order.body, field: who.name}}) if field else order


_PRESSES: dict[tuple[type[Any], str], Callable[[Any, str, Who], Outcome]] = {
    **{(Short, verb): act for verb, act in PRESSES.items()},
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
