"""What a person has found on Instagram, whose addresses do not tell the id: it is asked for it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from actors.publisher.adapters.found import found_at
from actors.publisher.ports import Posted
from contracts import asks
from runtime.errors import Reject, Retry
from tests.publisher.platforms.instagram_server import INSTAGRAM, InstagramServer
from tests.publisher.platforms.kit import Kit
from tests.publisher.platforms.meta_server import error
from tests.publisher.platforms.server import Reply, Request

CASE = INSTAGRAM


async def found(kit: Kit, url: str) -> Posted:
    render = await kit.render()
    request = kit.request(render, outcome="there", url=url)
    return await found_at(request, kit.platform, kit.sessions, now=kit.bench.clock())


async def test_instagram_is_asked_which_reel_has_the_address(kit: Kit, server: InstagramServer) -> None:
    for start in (1.0, 30.0):
        assert await kit.drive(kit.request(await kit.render(start=start))) == "done"
    reel = server.media[1]
    posted = await found(kit, reel["permalink"] + "?igsh=abc")
    assert (posted.platform_id, posted.notes) == (reel["id"], ())
    which = asks.WhichMetrics(account_id=kit.account.account_id, platform_ids=(posted.platform_id,))
    assert (await kit.rehearsal().metrics(which)).metrics[reel["id"]].views is not None


async def test_what_instagram_does_not_list_is_there_all_the_same_and_says_what_cannot_be_done(kit: Kit) -> None:
    posted = await found(kit, "https://www.instagram.com/reel/Cother/")
    assert (posted.platform_id, posted.url) == ("", "https://www.instagram.com/reel/Cother/")
    assert "Me shows none with this address" in posted.notes[0] and "cannot be counted or taken down" in posted.notes[0]
    which = asks.WhichMetrics(account_id=kit.account.account_id, platform_ids=("",))
    assert (await kit.rehearsal().metrics(which)).metrics == {}
    with pytest.raises(Reject, match="only the address of the post is known") as refused:
        await kit.rehearsal().delete(asks.WhichPost(account_id=kit.account.account_id, platform_id=""))
    assert refused.value.advice == "Delete it on instagram itself"


class Closed(InstagramServer):
    """It lets nobody list anything."""

    def _list(self, request: Request) -> Reply:
        return error(10, status=403, message="no permission")


@pytest.mark.parametrize("case", [replace(INSTAGRAM, server=Closed)], ids=["closed"])
async def test_what_instagram_refuses_to_tell_is_said_with_the_reason(kit: Kit) -> None:
    posted = await found(kit, "https://www.instagram.com/reel/C1/")
    assert posted.platform_id == "" and "no permission" in posted.notes[0]


async def test_an_answer_of_a_person_waits_while_instagram_says_nothing(kit: Kit, server: InstagramServer) -> None:
    server.fail(r"GET .*/media$", "503", "503", "503", "503")
    with pytest.raises(Retry) as later:
        await found(kit, "https://www.instagram.com/reel/C1/")
    assert later.value.after is not None and later.value.after < 1800
