"""What is known of each thing that a chat shows, one message per thing; how it looks is left to `faces`."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from contracts.base import Timestamp
from contracts.media import MediaRef
from contracts.renders import Recipe

__all__ = ["Ask", "Card", "Failed", "Line", "Note", "Order", "Post", "Scan", "Short", "Unsure", "Video", "card_from"]


class _Facts(BaseModel):
    """Unknown fields are ignored, so that an older row survives a newer version."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class _Card(_Facts):
    """`owner`: whose thing it is, as in the envelope of events; what is ordered about it stays theirs."""

    owner: str | None = None


class Order(_Facts):
    """A command that a button would send. `owner`: whose, where that is not the card's (`""`: the operator's)."""

    subject: str
    body: dict[str, Any]
    owner: str | None = None


class Line(_Facts):
    """A text by its key, with its values. `moments`: values that are times."""

    key: str
    values: dict[str, str] = {}
    moments: dict[str, Timestamp] = {}


class Note(_Card):
    """An answer to a command."""

    kind: Literal["note"] = "note"
    lines: tuple[Line, ...]
    buttons: tuple[tuple[str, str, str], ...] = ()
    """Label, verb, choice."""
    orders: tuple[Order, ...] = ()
    """What the buttons `again` send, by their choice."""


class Ask(_Card):
    """Whether something is meant as it was understood. `does`: a command, or what links this chat."""

    kind: Literal["ask"] = "ask"
    question: Line
    does: Order
    state: Literal["open", "yes", "no"] = "open"


class Scan(_Card):
    """A search for videos."""

    kind: Literal["scan"] = "scan"
    scan_id: str
    niche: str
    found: int | None = None
    sources: tuple[tuple[str, str, int, str], ...] = ()
    """Name, status, found, reason."""
    failed: str = ""


class Video(_Card):
    """A video that somebody published: asked about, or on its way to become shorts."""

    kind: Literal["video"] = "video"
    candidate_id: str
    title: str = ""
    url: str = ""
    author: str = ""
    duration: float | None = None
    views: int | None = None
    score: float | None = None
    reason: str = ""
    channel_id: str = "default"
    niche: str = ""
    state: Literal["asked", "sent", "approved", "downloaded", "transcribed", "analyzed", "rejected", "failed"] = "asked"
    by: str = ""
    note: str = ""
    progress: float | None = None
    shorts: dict[str, str] = {}
    """Its renders, and how they are: `ordered`, `made`, `failed`."""
    menu: Literal["", "vouch"] = ""
    vouch: bool = False
    followed: bool = False
    """It was asked for in this chat: its shorts are shown here."""


class Post(_Facts):
    """A short on one account."""

    account_id: str
    state: Literal["asked", "planned", "published", "failed", "unconfirmed", "replaced"]
    at: Timestamp | None = None
    url: str = ""
    note: str = ""


class Short(_Card):
    """A finished short."""

    kind: Literal["short"] = "short"
    render_id: str
    clip_id: str
    start: float
    end: float
    recipe: Recipe
    title: str
    draft: str = ""
    """The title that a person wants instead."""
    channel_id: str = "default"
    video: MediaRef
    width: int
    height: int
    duration: float
    score: float | None = None
    why: str = ""
    """Why this moment."""
    reason: str = ""
    """Why a person is asked."""
    accounts: tuple[str, ...] = ()
    state: Literal["made", "asked", "sent", "rejected"] = "made"
    by: str = ""
    posts: dict[str, Post] = {}
    """By publication id."""
    menu: Literal["", "when", "look", "vouch"] = ""
    wish: Literal["", "now", "next", "at"] = ""
    """What the person wants who has still to vouch for the rights."""
    wish_at: Timestamp | None = None
    vouch: bool = False
    """The rights are not enough for the channel's rules: somebody has to vouch for them."""
    zone: str = ""
    """Of the channel's schedule."""
    slots: bool = False
    """The channel has a schedule."""
    recipes: tuple[Recipe, ...] = ()
    """Others of the channel."""
    again: str = ""
    """The other look that was ordered."""


class Failed(_Card):
    """Something could not be done."""

    kind: Literal["failed"] = "failed"
    entity: str
    stage: str
    what: str
    advice: str
    title: str = ""
    again: Order | None = None
    sent: bool = False


class Unsure(_Card):
    """Nobody knows whether it was published."""

    kind: Literal["unsure"] = "unsure"
    publication_id: str
    render_id: str
    account_id: str
    channel_id: str = "default"
    title: str = ""
    reason: str = ""
    advice: str = ""
    state: Literal["open", "where", "there", "again", "done"] = "open"
    url: str = ""


Card = Annotated[Note | Ask | Scan | Video | Short | Failed | Unsure, Field(discriminator="kind")]
_CARD: TypeAdapter[Card] = TypeAdapter(Card)


def card_from(facts: str | bytes | dict[str, Any]) -> Card:
    """A card as it was kept."""
    return _CARD.validate_python(facts) if isinstance(facts, dict) else _CARD.validate_json(facts)
