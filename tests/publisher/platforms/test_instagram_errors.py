"""What Instagram refuses or fails at, and whether the reel is there all the same."""

from __future__ import annotations

import json

import pytest

from contracts.subjects import PUBLISH_DONE, PUBLISH_REQUESTED
from runtime.errors import Retry
from tests.publisher.platforms.instagram_server import INSTAGRAM, USER, InstagramServer
from tests.publisher.platforms.kit import Kit
from tests.publisher.platforms.meta_server import VERSION, error
from tests.publisher.platforms.server import Reply
from tests.support.work import deliver

CREATE, PUBLISH = f"POST /{VERSION}/{USER}/media", f"POST /{VERSION}/{USER}/media_publish"
CASE = INSTAGRAM


@pytest.mark.parametrize(
    ("reply", "advice"),
    [
        (error(352, 2207026), "H.264"),
        (error(100, 2207010), "2,200"),
        (error(25, 2207050), "restricted"),
        (error(4, 2207051), "spam"),
        (error(368), "policy"),
        (error(10), "Connect the account again"),
        (error(100, error_user_msg="That is not allowed"), "That is not allowed"),
    ],
)
async def test_what_instagram_never_takes_is_refused_with_what_to_do(
    kit: Kit, server: InstagramServer, reply: Reply, advice: str
) -> None:
    server.refuses.append((CREATE, reply))
    said = await kit.drive(kit.request(await kit.render()))
    assert said.startswith("rejected")
    assert advice in said
    assert not server.posted


@pytest.mark.parametrize("where", [CREATE, PUBLISH])
@pytest.mark.parametrize(
    "reply",
    [error(1), error(-1, 2207032), error(2, is_transient=True), error(613), error(9, 2207042), error(24, 2207006)],
)
async def test_what_passes_is_tried_again_until_it_is_posted_once(
    kit: Kit, server: InstagramServer, where: str, reply: Reply
) -> None:
    server.refuses.append((where, reply))
    render = await kit.render()
    assert await kit.drive(kit.request(render)) == "done"
    assert server.posted == [kit.sent(render)]


async def test_a_rate_limit_is_waited_for_as_long_as_its_header_says(kit: Kit, server: InstagramServer) -> None:
    usage = {USER: [{"type": "instagram", "call_count": 100, "estimated_time_to_regain_access": 9}]}
    limited = error(80002)
    server.refuses.append((CREATE, Reply(400, limited.body, {"X-Business-Use-Case-Usage": json.dumps(usage)})))
    with pytest.raises(Retry) as later:
        await deliver(kit.publisher(), PUBLISH_REQUESTED, kit.request(await kit.render()))
    assert later.value.after == 540


@pytest.mark.parametrize("lie", [error(1), error(10), error(-2, 2207003), Reply(500, b"{}"), Reply(200, b"not json")])
async def test_what_was_published_and_answered_with_an_error_is_found_and_not_published_again(
    kit: Kit, server: InstagramServer, lie: Reply
) -> None:
    server.lies = lie
    render = await kit.render()
    assert await kit.drive(kit.request(render)) == "done"
    assert server.posted == [kit.sent(render)]


async def test_what_is_out_is_done_also_where_its_address_cannot_be_read(kit: Kit, server: InstagramServer) -> None:
    server.refuses.append((f"GET /{VERSION}/17900002", error(10)))
    work = await deliver(kit.publisher(), PUBLISH_REQUESTED, kit.request(await kit.render()))
    (done,) = work.of(PUBLISH_DONE)
    assert done.publication.platform_id == "17900002"
    assert "address could not be read" in done.publication.notes[-1]


async def test_an_account_that_is_not_there_any_more_is_told(kit: Kit, server: InstagramServer) -> None:
    server.refuses.append((f"GET /{VERSION}/{USER}", error(100, 33, message="Object does not exist")))
    assert "does not exist" in await kit.drive(kit.request(await kit.render()))


async def test_a_container_that_failed_to_be_worked_on_is_made_anew(kit: Kit, server: InstagramServer) -> None:
    server.states["17900001"] = "ERROR: Media upload has failed with error code 2207032"
    render = await kit.render()
    assert await kit.drive(kit.request(render)) == "done"
    assert len(server.asked(CREATE + "$")) == 2
    assert server.posted == [kit.sent(render)]


async def test_a_video_that_instagram_cannot_read_is_refused_by_its_code(kit: Kit, server: InstagramServer) -> None:
    server.states["17900001"] = "ERROR: Media upload has failed with error code 2207026"
    said = await kit.drive(kit.request(await kit.render()))
    assert "2207026" in said
    assert "H.264" in said


async def test_a_container_that_is_worked_on_for_hours_is_given_up_for_another(
    kit: Kit, server: InstagramServer
) -> None:
    server.states["17900001"] = "IN_PROGRESS"
    render = await kit.render()
    with pytest.raises(Retry, match="still working"):
        await deliver(kit.publisher(), PUBLISH_REQUESTED, kit.request(render))
    kit.bench.clock.move(3600)
    assert await kit.drive(kit.request(render)) == "done"
    assert len(server.asked(CREATE + "$")) == 2


async def test_a_container_that_expired_while_nothing_ran_is_made_anew(kit: Kit, server: InstagramServer) -> None:
    server.fail(PUBLISH, "before")
    render = await kit.render()
    with pytest.raises(Retry):
        await deliver(kit.publisher(), PUBLISH_REQUESTED, kit.request(render))
    server.states["17900001"] = "EXPIRED"
    kit.bench.clock.move(25 * 3600)
    assert await kit.drive(kit.request(render)) == "done"
    assert server.posted == [kit.sent(render)]


async def unknown_for_hours(kit: Kit) -> str:
    """What comes of a post about which Instagram tells nothing, hour after hour."""
    render = await kit.render()
    for hours in (0, 1):
        kit.bench.clock.move(hours * 3600)
        with pytest.raises(Retry):
            await deliver(kit.publisher(), PUBLISH_REQUESTED, kit.request(render))
    kit.bench.clock.move(3600)
    return await kit.drive(kit.request(render))


async def test_what_was_published_and_is_never_listed_is_left_to_a_person(kit: Kit, server: InstagramServer) -> None:
    server.fail(PUBLISH, "after")
    server.hides = True
    assert await unknown_for_hours(kit) == "unconfirmed"
    assert len(server.posted) == 1


async def test_what_was_refused_and_may_be_there_all_the_same_stays_unknown(kit: Kit, server: InstagramServer) -> None:
    server.lies = error(10)
    server.hides = True
    assert await unknown_for_hours(kit) == "unconfirmed"
    assert len(server.asked(PUBLISH)) == 1


async def test_a_container_that_is_forgotten_after_an_unknown_outcome_is_left_to_a_person(
    kit: Kit, server: InstagramServer
) -> None:
    server.fail(PUBLISH, "after")
    server.hides = True
    render = await kit.render()
    with pytest.raises(Retry):
        await deliver(kit.publisher(), PUBLISH_REQUESTED, kit.request(render))
    server.bytes.clear()
    assert await kit.drive(kit.request(render)) == "unconfirmed"
    assert len(server.posted) == 1


async def test_an_account_that_may_not_be_asked_after_an_unknown_outcome_is_not_posted_to_again(
    kit: Kit, server: InstagramServer
) -> None:
    server.fail(PUBLISH, "after")
    render = await kit.render()
    with pytest.raises(Retry):
        await deliver(kit.publisher(), PUBLISH_REQUESTED, kit.request(render))
    server.refuses.append((f"GET /{VERSION}/179", error(10)))
    assert await kit.drive(kit.request(render)) == "unconfirmed"
    assert await kit.drive(kit.request(render)) == "done"
    assert len(server.posted) == 1
