"""Uploads to PeerTube, which go on where they were left and come to one video."""

from __future__ import annotations

import pytest

from contracts.subjects import PUBLISH_REQUESTED
from runtime.errors import Retry
from tests.publisher.platforms.kit import Kit
from tests.publisher.platforms.peertube_server import PEERTUBE, PeerTubeServer, problem
from tests.publisher.platforms.server import Reply
from tests.support.work import deliver

INIT, PUT = "POST /api/v1/videos/upload-resumable", "PUT /api/v1/videos/upload-resumable"
CASE = PEERTUBE


async def test_an_upload_that_stands_at_another_byte_is_asked_where_it_is(kit: Kit, server: PeerTubeServer) -> None:
    server.refusals["piece"] = [problem(409, "File conflict")]
    render = await kit.render()
    assert await kit.drive(kit.request(render)) == "done"
    assert server.posted == [kit.sent(render)] and len(server.asked(INIT)) == 1


async def test_a_video_that_is_being_made_is_waited_for(kit: Kit, server: PeerTubeServer) -> None:
    busy = Reply(503, b'{"detail": "The upload is already being processed"}', {"Retry-After": "300"})
    server.fail(PUT, "after")
    server.refusals["piece"] = []
    render = await kit.render()
    server.refusals["piece"] = [busy] * 4
    assert await kit.drive(kit.request(render)) == "done"
    assert server.posted == [kit.sent(render)] and len(server.asked(INIT)) == 1


async def test_a_lost_answer_to_the_last_byte_leads_to_the_video_that_is_there(
    kit: Kit, server: PeerTubeServer
) -> None:
    server.add("other", "A short", "p_00000000000000000000.mp4")
    server.fail(PUT, "after")
    render = await kit.render()
    assert await kit.drive(kit.request(render)) == "done"
    assert server.posted == [kit.sent(render)] and len(server.asked(INIT)) == 1


async def test_a_video_is_searched_back_to_when_it_was_first_asked_for(kit: Kit, server: PeerTubeServer) -> None:
    server.fail(PUT, "after")
    request = kit.request(await kit.render())
    with pytest.raises(Retry):
        await deliver(kit.publisher(), PUBLISH_REQUESTED, request)
    kit.bench.clock.move(10 * 86_400)
    assert await kit.drive(request) == "done"
    assert len(server.posted) == 1


async def test_an_instance_that_does_not_tell_which_video_it_is_leaves_it_to_a_person(
    kit: Kit, server: PeerTubeServer
) -> None:
    server.sources = False
    server.fail(PUT, "after")
    assert await kit.drive(kit.request(await kit.render())) == "unconfirmed"
    assert len(server.posted) == 1
