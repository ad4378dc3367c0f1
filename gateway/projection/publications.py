"""Which event of a publication changes which rows."""

from __future__ import annotations

from contracts import events as e
from gateway.projection.changes import Scribe

__all__ = ["publish_done", "publish_planned", "publish_requested", "publish_unconfirmed"]


def publish_requested(to: Scribe, data: e.PublishRequested) -> None:
    """A short is to be put up on an account."""
    to.row(
        "publications",
        publication_id=data.key,
        render_id=data.render_id,
        account_id=data.account_id,
        channel_id=data.channel_id,
        requested_by=data.requested_by,
        title=data.title,
        requested_sequence=to.sequence,
    )
    to.stage(data.render_id, "approve", "done")
    to.pending(data.key, "publish")


def publish_planned(to: Scribe, data: e.PublishPlanned) -> None:
    """It has its time, or another post stands in its place."""
    to.row(
        "publications",
        publication_id=data.key,
        render_id=data.render_id,
        account_id=data.account_id,
        planned_at=data.at.isoformat() if data.at else None,
        planned_note=data.note,
        anew=data.anew,
        planned_sequence=to.sequence,
    )
    to.stage(data.key, "publish", "planned" if data.anew is None else "replaced")


def publish_done(to: Scribe, data: e.PublishDone) -> None:
    """It is up."""
    publication = data.publication
    to.row(
        "publications",
        publication_id=data.key,
        render_id=publication.render_id,
        account_id=publication.account_id,
        title=publication.title,
        publication=publication,
        done_sequence=to.sequence,
    )
    to.stage(data.key, "publish", "done")


def publish_unconfirmed(to: Scribe, data: e.PublishUnconfirmed) -> None:
    """It may be up: nobody can tell."""
    to.row(
        "publications",
        publication_id=data.key,
        render_id=data.render_id,
        account_id=data.account_id,
        unconfirmed_reason=data.reason,
        unconfirmed_advice=data.advice,
        unconfirmed_sequence=to.sequence,
    )
    to.stage(data.key, "publish", "unconfirmed")
