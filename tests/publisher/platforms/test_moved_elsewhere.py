"""A post that is moved says `publish.done` once more: whoever hears it has one thing, with the time that stands."""

from __future__ import annotations

from actors.archiver.actor import build as archiver
from actors.archiver.core import Manifest, manifest_uri
from actors.archiver.settings import ArchiverSettings
from contracts.envelope import Event
from contracts.events import PublishDone
from contracts.renders import Render
from contracts.subjects import MEDIA_ARCHIVED, PUBLISH_DONE
from gateway.projection.changes import Changes
from gateway.projection.handlers import apply
from gateway.telegram.cards import Card, Short
from gateway.telegram.news import Known, changes
from tests.publisher.platforms.kit import Kit
from tests.publisher.platforms.test_moving import CASE, FIRST, SECOND, order, to
from tests.support.work import RecordedWork

__all__ = ["CASE"]


async def moved(kit: Kit) -> tuple[Render, list[Event[PublishDone]]]:
    """A post that the platform keeps, then keeps until another time: what was said."""
    render = await kit.render()
    request = kit.request(render, publish_at=FIRST)
    said: list[Event[PublishDone]] = []
    for minute, wanted in enumerate((FIRST, SECOND)):
        work = await order(kit, to(request, wanted), minute)
        said += [
            Event(id=ident, source="publisher", type=name, subject=data.key, time=work.event.time, data=data)
            for ident, (name, data) in work.emitted.items()
            if isinstance(data, PublishDone)
        ]
    return render, said


async def test_each_time_is_an_event_of_its_own(kit: Kit) -> None:
    """Webhooks and the stream tell events apart by their ids."""
    _, said = await moved(kit)
    assert [event.data.publication.published_at for event in said] == [FIRST, SECOND]
    assert len({event.id for event in said}) == 2 and len({event.subject for event in said}) == 1


async def test_it_is_archived_in_one_place_with_the_time_that_stands(kit: Kit) -> None:
    render, said = await moved(kit)
    actor = archiver(settings=ArchiverSettings(_env_file=None), media=kit.bench.media)
    for event in (*said, said[-1]):
        work = RecordedWork(event)
        await actor.handlers[PUBLISH_DONE](event.data, work)
        (archived,) = work.of(MEDIA_ARCHIVED)
        assert archived.files == render.files
        manifest = await kit.bench.media.read(manifest_uri("publication", event.data.key), Manifest)
        assert manifest.publication == event.data.publication
        assert archived.manifest == await kit.bench.media.describe(archived.manifest.uri, "application/json")


async def test_it_is_one_row_with_the_time_that_stands(kit: Kit) -> None:
    _, said = await moved(kit)
    tables = Changes()
    for sequence, event in enumerate(said, 1):
        apply(tables, sequence, event)
    (row,), (stage,) = tables.rows("publications"), tables.rows("stages")
    assert row["publication"].published_at == SECOND
    assert (row["first_sequence"], row["done_sequence"], stage["result"]) == (1, 2, "done")


async def test_it_is_one_line_of_one_card_with_the_time_that_stands(kit: Kit) -> None:
    render, said = await moved(kit)
    card: Card | None = Short(
        render_id=render.render_id,
        clip_id=render.clip_id,
        start=render.start,
        end=render.end,
        recipe=render.recipe,
        title=render.title,
        video=render.video,
        width=render.width,
        height=render.height,
        duration=render.duration,
    )
    for event in said:
        (change,) = [each for each in changes(event.data, Known()) if each.thing == render.render_id]
        card = change.change(card)
    assert isinstance(card, Short)
    ((ident, post),) = card.posts.items()
    assert (ident, post.state, post.at) == (said[0].subject, "published", SECOND)
