"""What is published stays so in the chats: ordered again it is neither on its way nor failed, and a refusal is said."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial

from contracts import events as e
from contracts import subjects as s
from contracts.ids import publication_id
from contracts.renders import Render
from contracts.work import Failure, Publication
from tests.telegram.conftest import ADA, World, having, settled, shows
from tests.telegram.film import asked, make_render
from tests.telegram.server import Shown
from tests.telegram.test_people import linked

ACCOUNT = "youtube:alice"
TOMORROW = (datetime.now(UTC) + timedelta(days=1)).replace(hour=9, minute=0, second=0, microsecond=0)


def published(render: Render, at: datetime) -> e.PublishDone:
    ident = publication_id(render.render_id, ACCOUNT)
    return e.PublishDone(
        publication=Publication(
            publication_id=ident, render_id=render.render_id, account_id=ACCOUNT, platform="youtube", platform_id="x",
            url="https://youtu.be/x", published_at=at, title=render.title,
        )
    )  # fmt: skip


def refused(render: Render) -> e.WorkFailed:
    failure = Failure(
        stage="publisher", subject="publish.requested", event_id="1", kind="rejected",
        entity=publication_id(render.render_id, ACCOUNT),
        what="youtube keeps a post for 15 minutes to 365 days, and 2030-01-01 is not within that",
        advice="Name a time within that",
    )  # fmt: skip
    return e.WorkFailed(failure=failure)


async def kept_by_youtube(world: World) -> tuple[Render, e.PublishRequested, Shown]:
    """A short that YouTube shows tomorrow, and the message about it."""
    await world.ready()
    await world.link()
    render = await make_render(world.media)
    await world.say(s.APPROVAL_ASKED, asked(render))
    order = e.PublishRequested(render_id=render.render_id, account_id=ACCOUNT, publish_at=TOMORROW)
    await world.say(s.PUBLISH_REQUESTED, order)
    await world.say(s.PUBLISH_DONE, published(render, TOMORROW))
    return render, order, await world.seen(ADA, having("published tomorrow at 09:00"))


async def test_the_same_order_again_leaves_what_is_out_as_it_is(world: World) -> None:
    """The publisher says nothing to it: a line that waits for its answer would wait for ever."""
    async with world.start():
        _, order, short = await kept_by_youtube(world)
        await world.say(s.PUBLISH_REQUESTED, order)
        await world.until(partial(settled, world))
        assert "published tomorrow at 09:00" in short.text
        assert "publishing" not in short.text
        assert short.labels == [f"▶️ {ACCOUNT}"]


async def test_a_refused_move_is_said_and_the_post_stays_where_it_is(world: World) -> None:
    async with world.start():
        render, order, short = await kept_by_youtube(world)
        await world.say(s.PUBLISH_REQUESTED, order)
        await world.say(s.WORK_FAILED, refused(render))
        told = await world.seen(ADA, having("is not within that"))
        await world.until(partial(settled, world))
        assert render.title in told.text and "Name a time within that" in told.text
        assert told.labels == [], "the same order without its time would do nothing"
        assert "published tomorrow at 09:00" in short.text
        assert short.labels == [f"▶️ {ACCOUNT}"]


async def test_a_move_is_one_line_with_the_time_that_stands(world: World) -> None:
    async with world.start():
        render, order, short = await kept_by_youtube(world)
        await world.say(s.PUBLISH_REQUESTED, order)
        await world.say(s.PUBLISH_DONE, published(render, TOMORROW.replace(hour=18)))
        await world.until(partial(shows, short, "published tomorrow at 18:00"))
        assert "09:00" not in short.text


async def test_a_user_sees_the_time_that_the_operator_has_named_for_their_post(world: World) -> None:
    """Their rows and their card are changed by the event that has them as its owner, and by no other."""
    async with world.start():
        await world.ready()
        ada = await linked(world, ADA, "ada", "creator")
        render = await make_render(world.media)
        await world.say(s.APPROVAL_ASKED, asked(render), owner=ada)
        order = e.PublishRequested(render_id=render.render_id, account_id=ACCOUNT, publish_at=TOMORROW)
        waits = e.PublishPlanned(publication_id=order.key, render_id=render.render_id, account_id=ACCOUNT, at=TOMORROW)
        await world.say(s.PUBLISH_REQUESTED, order, owner=ada)
        await world.say(s.PUBLISH_PLANNED, waits, owner=ada)
        short = await world.seen(ADA, having("tomorrow at 09:00"))
        later = waits.model_copy(update={"at": TOMORROW.replace(hour=18)})
        await world.say(s.PUBLISH_REQUESTED, order.model_copy(update={"publish_at": later.at}))
        await world.say(s.PUBLISH_PLANNED, later)
        await world.until(partial(settled, world))
        assert "09:00" in short.text
        await world.say(s.PUBLISH_PLANNED, later, owner=ada)
        await world.until(partial(shows, short, "tomorrow at 18:00"))
    rows = await world.pool.fetch("SELECT owner, planned_at FROM gateway.publications ORDER BY owner")
    assert [(row["owner"], row["planned_at"]) for row in rows] == [("", later.at), (ada, later.at)]
