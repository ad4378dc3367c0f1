"""What holds of resumable uploads as YouTube and PeerTube both have them."""

from __future__ import annotations

import pytest

from runtime.errors import Retry
from tests.publisher.platforms.kit import Kit
from tests.publisher.platforms.peertube_server import PEERTUBE, PEERTUBE_IN_PIECES, PeerTubeServer
from tests.publisher.platforms.resumable_server import UNIT
from tests.publisher.platforms.server import Reply
from tests.publisher.platforms.youtube_server import YOUTUBE, YOUTUBE_IN_PIECES, YouTubeServer

Server = PeerTubeServer | YouTubeServer
whole = pytest.mark.parametrize("case", [PEERTUBE, YOUTUBE], ids=["peertube", "youtube"])
in_pieces = pytest.mark.parametrize("case", [PEERTUBE_IN_PIECES, YOUTUBE_IN_PIECES], ids=["peertube", "youtube"])


@whole
@pytest.mark.parametrize("takes", [[0], [UNIT], [UNIT + 5, UNIT * 2, 0]], ids=["nothing", "a unit", "less and less"])
async def test_an_upload_goes_on_at_the_byte_that_is_confirmed(kit: Kit, server: Server, takes: list[int]) -> None:
    server.takes += takes
    render = await kit.render()
    assert await kit.drive(kit.request(render)) == "done"
    assert server.posted == [kit.sent(render)]


@in_pieces
@pytest.mark.parametrize("seed", range(12))
async def test_whatever_the_network_does_there_is_one_video_with_the_right_bytes(
    kit: Kit, server: Server, seed: int
) -> None:
    server.chaos(seed, 0.35)
    render = await kit.render()
    outcome = await kit.drive(kit.request(render), deliveries=200)
    assert outcome in {"done", "unconfirmed"}
    assert server.posted in ([kit.sent(render)], [] if outcome == "unconfirmed" else [kit.sent(render)])


@whole
@pytest.mark.parametrize("headers", [{"Retry-After": "17"}, {}])
async def test_too_many_requests_are_waited_for_as_the_answer_says(
    kit: Kit, server: Server, headers: dict[str, str]
) -> None:
    server.refusals["opened"] = [Reply(429, b"{}", headers)]
    session, post = await kit.session(), kit.post(await kit.render())
    with pytest.raises(Retry) as caught:
        await kit.platform.publish(session, post, await kit.steps())
    assert caught.value.after == (17.0 if headers else None)
