"""Buttons of a finished short, and replies to it: publish, plan, reject, another look, another title. Pure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from contracts.events import PublishRequested, RenderRejected, RenderRequested
from contracts.renders import Recipe
from gateway.telegram.cards import Post, Short
from gateway.telegram.outcome import GONE, Outcome, Who, order_of
from gateway.telegram.times import PastError, moment_in

__all__ = ["PRESSES", "reply_to_short"]


def _published(card: Short, who: Who, *, at: datetime | None, vouched: bool) -> Outcome:
    """Order its publication on every account that is asked about, or that waits."""
    waiting = [post.account_id for post in card.posts.values() if post.state == "planned"]
    accounts = waiting or ([] if card.posts else list(card.accounts))
    if not accounts:
        return GONE
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
        orders.append(order_of("publish.requested", asked))
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
        return GONE
    return _publish(card, "at", who, at)


def _vouched(card: Short, _: str, who: Who) -> Outcome:
    if card.menu != "vouch":
        return GONE
    return _published(card, who, at=who.now if card.wish == "now" else card.wish_at, vouched=True)


def _menu(menu: str) -> Callable[[Any, str, Who], Outcome]:
    def show(card: Short, _: str, who: Who) -> Outcome:
        return Outcome(card.model_copy(update={"menu": menu}))

    return show


def _reject_short(card: Short, _: str, who: Who) -> Outcome:
    if card.state != "asked" or card.posts:
        return GONE
    order = order_of("render.rejected", RenderRejected(render_id=card.render_id, rejected_by=who.name))
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
        return GONE
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
        card.model_copy(update={"menu": "", "again": named}), (order_of("render.requested", order),), "say.done"
    )


def reply_to_short(card: Short, text: str, who: Who) -> Outcome:
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


PRESSES: dict[str, Callable[[Any, str, Who], Outcome]] = {
    "now": _now,
    "next": _next,
    "at": _at,
    "vouch": _vouched,
    "when": _menu("when"),
    "other": _menu("look"),
    "back": _menu(""),
    "look": _look,
    "reject": _reject_short,
}
"""By what the button says that it does."""
