"""Uploads to YouTube, which go on where they were left and come to one video."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from contracts.subjects import PUBLISH_REQUESTED
from runtime.errors import Retry
from tests.publisher.platforms.kit import Kit
from tests.publisher.platforms.resumable_server import UploadSession
from tests.publisher.platforms.server import Reply
from tests.publisher.platforms.youtube_server import (
    YOUTUBE,
    YOUTUBE_IN_PIECES,
    YouTubeServer,
)
from tests.publisher.support import START
from tests.support.work import deliver

PUT = "PUT /upload"
CASE = YOUTUBE
in_pieces = pytest.mark.parametrize("case", [YOUTUBE_IN_PIECES], ids=["in pieces"])


async def test_an_upload_that_takes_no_more_bytes_is_left_for_later_and_finished_then(
    kit: Kit, server: YouTubeServer
) -> None:
    server.takes += [0] * 8
    render = await kit.render()
    assert await kit.drive(kit.request(render)) == "done"
    assert server.posted == [kit.sent(render)]


@in_pieces
async def test_an_upload_that_moves_is_followed(kit: Kit, server: YouTubeServer) -> None:
    server.moves = True
    render = await kit.render()
    assert await kit.drive(kit.request(render)) == "done"
    assert server.posted == [kit.sent(render)]


async def test_no_token_is_sent_to_an_address_that_is_not_googles(kit: Kit, server: YouTubeServer) -> None:
    server.refusals["opened"] = [Reply(200, b"", {"Location": "http://127.0.0.1:9/upload"})]
    render = await kit.render()
    assert await kit.drive(kit.request(render)) == "done"
    assert server.posted == [kit.sent(render)] and len(server.asked("POST /upload/youtube/v3/videos")) == 2


@in_pieces
async def test_a_session_that_expires_before_the_last_piece_is_begun_again(kit: Kit, server: YouTubeServer) -> None:
    server.refusals["piece"] = [Reply(404)]
    render = await kit.render()
    assert await kit.drive(kit.request(render)) == "done"
    assert server.posted == [kit.sent(render)] and len(server.sessions) == 2


class Forgetful(YouTubeServer):
    """Forgets an upload as soon as it has its last byte."""

    def _video(self, session: UploadSession) -> dict[str, Any]:
        video = super()._video(session)
        self.expire()
        return video


@pytest.mark.parametrize("hidden", [0, 1])
async def test_a_video_whose_upload_is_forgotten_before_its_answer_came_is_found_by_its_tag(
    tmp_path: Path, hidden: int
) -> None:
    server = Forgetful()
    server.hidden = hidden
    server.add("other", tags=["clipwire-p_00000000000000000000"])
    with server.running():
        async with Kit(YOUTUBE, server, tmp_path) as kit:
            server.fail(PUT, "after")
            render = await kit.render()
            assert await kit.drive(kit.request(render)) == "done"
            assert server.posted == [kit.sent(render)] and len(server.asked("POST /upload/youtube/v3/videos")) == 1
            assert (kit.bench.clock.now - START >= timedelta(minutes=15)) is bool(hidden)


async def test_a_video_is_searched_back_to_when_it_was_first_asked_for(tmp_path: Path) -> None:
    server = Forgetful()
    with server.running():
        async with Kit(YOUTUBE, server, tmp_path) as kit:
            server.fail(PUT, "after")
            request = kit.request(await kit.render())
            with pytest.raises(Retry):
                await deliver(kit.publisher(), PUBLISH_REQUESTED, request)
            for number in range(60):
                server.add(f"newer{number}", tags=[], days_ago=-1 - number / 100)
            kit.bench.clock.move(10 * 86_400)
            assert await kit.drive(request) == "done"
            assert len(server.posted) == 1


async def test_a_session_that_expires_with_part_of_the_last_piece_leads_to_one_post(
    kit: Kit, server: YouTubeServer
) -> None:
    server.fail(PUT, "cut")
    server.refusals["piece"] = [Reply(308), Reply(404), Reply(404)]
    render = await kit.render()
    assert await kit.drive(kit.request(render)) == "done"
    assert server.posted == [kit.sent(render)] and len(server.sessions) == 2
