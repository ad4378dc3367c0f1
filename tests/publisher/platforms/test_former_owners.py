"""An account becomes somebody else's: what was begun on it is finished for whoever began it, and nothing new is."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from actors.publisher.adapters.session import OpenSessions
from actors.publisher.store import key_of
from contracts.envelope import Event
from contracts.events import PublishRequested
from contracts.subjects import PUBLISH_DONE, PUBLISH_REQUESTED, PUBLISH_UNCONFIRMED
from runtime.errors import Reject, Retry
from tests.publisher.platforms.kit import Kit, MemoryVault
from tests.publisher.platforms.server import Reply
from tests.publisher.platforms.telegram_server import TELEGRAM, TOKEN, TelegramServer
from tests.publisher.platforms.youtube_server import YOUTUBE, YouTubeServer
from tests.publisher.support import START
from tests.support.claims import MemoryClaims
from tests.support.work import RecordedWork

CASE = YOUTUBE
ADA, EVE = "u_ada", "u_eve"
FIRST, SECOND = START + timedelta(hours=2), START + timedelta(hours=5)
UPDATE = "PUT /youtube/v3/videos"
SENT = f"POST /bot{TOKEN}/sendVideo"

on_telegram = pytest.mark.parametrize("case", [TELEGRAM], ids=["telegram"])


async def belongs(kit: Kit, owner: str) -> None:
    """The account was connected by this user, from now on."""

    async def unasked(stale: Any) -> Any:
        raise AssertionError("nothing is renewed")

    account = kit.account.model_copy(update={"owner": owner})
    vault = MemoryVault(account, await kit.vault.tokens(account.account_id), unasked)
    kit.sessions = OpenSessions(vault, kit.client, clock=kit.bench.clock)


async def order(kit: Kit, request: PublishRequested, minute: int, owner: str | None = ADA) -> RecordedWork:
    """Order it so many minutes after the first order; the same minute again is the same order."""
    event: Event[PublishRequested] = Event(
        id=f"order-{minute}",
        source="test",
        type=PUBLISH_REQUESTED.name,
        subject=request.key,
        time=START + timedelta(minutes=minute),
        data=request,
        owner=owner,
    )
    work = RecordedWork(event)
    await kit.publisher().handlers[PUBLISH_REQUESTED](request, work)
    return work


def seen(work: RecordedWork) -> list[datetime]:
    return [done.publication.published_at for done in work.of(PUBLISH_DONE)]


async def kept_by_youtube(kit: Kit) -> PublishRequested:
    """Ada's post, which is to be seen later, on an account that has become Eve's."""
    await belongs(kit, ADA)
    request = kit.request(await kit.render(), publish_at=FIRST)
    assert seen(await order(kit, request, 0)) == [FIRST]
    await belongs(kit, EVE)
    return request


async def unconfirmed(kit: Kit, server: TelegramServer) -> PublishRequested:
    """Ada's post, of which nobody knows whether it is there, on an account that has become Eve's."""
    await belongs(kit, ADA)
    server.fail(SENT, "after")
    request = kit.request(await kit.render())
    with pytest.raises(Retry):
        await order(kit, request, 0)
    assert len((await order(kit, request, 0)).of(PUBLISH_UNCONFIRMED)) == 1
    await belongs(kit, EVE)
    return request


async def as_an_earlier_version_wrote_it(kit: Kit, request: PublishRequested) -> None:
    """Its claim does not tell for whom it was begun."""
    claim = await kit.bench.claims.get(key_of(request.publication_id))
    assert claim is not None
    kit.bench.claims = MemoryClaims()
    old = await kit.bench.claims.take(claim.key, claim.owner)
    data = {name: value for name, value in claim.data.items() if name != "whose"}
    await kit.bench.claims.advance(old, claim.step, **data)


@pytest.mark.parametrize("wanted", [SECOND, START], ids=["later", "at once"])
async def test_a_former_owner_moves_nothing_any_more(kit: Kit, server: YouTubeServer, wanted: datetime) -> None:
    request = await kept_by_youtube(kit)
    asked = len(server.requests)
    with pytest.raises(Reject, match="was connected by somebody else") as refused:
        await order(kit, request.model_copy(update={"publish_at": wanted}), 1)
    assert refused.value.field == "account_id" and len(server.requests) == asked
    assert seen(await order(kit, request, 0)) == [], "an order of theirs that comes again is no new one"


async def test_whose_account_it_has_become_moves_it(kit: Kit, server: YouTubeServer) -> None:
    request = await kept_by_youtube(kit)
    assert seen(await order(kit, request.model_copy(update={"publish_at": SECOND}), 1, EVE)) == [SECOND]


@pytest.mark.parametrize("first", [ADA, None], ids=["theirs", "the operator's"])
async def test_a_move_that_was_begun_is_finished_for_whoever_it_was_begun_for(
    kit: Kit, server: YouTubeServer, first: str | None
) -> None:
    await belongs(kit, ADA)
    request = kit.request(await kit.render(), publish_at=FIRST)
    await order(kit, request, 0, first)
    server.refusals["updated"] = [Reply(503)]
    move = request.model_copy(update={"publish_at": SECOND})
    with pytest.raises(Retry):
        await order(kit, move, 1)
    await belongs(kit, EVE)
    assert seen(await order(kit, move, 1)) == [SECOND]
    assert seen(await order(kit, move, 1)) == []


@on_telegram
@pytest.mark.parametrize("found", [{"outcome": "not_there"}, {"outcome": "there", "url": "https://t.me/my_shorts/7"}])
async def test_a_former_owner_does_not_answer_what_became_of_a_post(
    kit: Kit, server: TelegramServer, found: dict[str, str]
) -> None:
    request = await unconfirmed(kit, server)
    answer = request.model_copy(update=found)
    with pytest.raises(Reject, match="was connected by somebody else"):
        await order(kit, answer, 1)
    assert len(server.posted) == 1
    assert len(seen(await order(kit, answer, 2, EVE))) == 1, "whose account it is does"


@on_telegram
async def test_an_answer_that_was_taken_is_carried_out_for_whoever_gave_it(kit: Kit, server: TelegramServer) -> None:
    request = await unconfirmed(kit, server)
    await belongs(kit, ADA)
    server.fail(SENT, "429 silent")
    answer = request.model_copy(update={"outcome": "not_there"})
    with pytest.raises(Retry):
        await order(kit, answer, 1)
    await belongs(kit, EVE)
    assert len(seen(await order(kit, answer, 1))) == 1


@on_telegram
async def test_what_an_earlier_version_has_begun_is_finished(kit: Kit, server: TelegramServer) -> None:
    await belongs(kit, EVE)
    request = kit.request(await kit.render())
    server.fail(SENT, "429 silent")
    with pytest.raises(Retry):
        await order(kit, request, 0, None)
    await as_an_earlier_version_wrote_it(kit, request)
    assert len(seen(await order(kit, request, 0))) == 1


@on_telegram
async def test_what_an_earlier_version_was_unsure_of_is_still_asked_for(kit: Kit, server: TelegramServer) -> None:
    request = await unconfirmed(kit, server)
    await as_an_earlier_version_wrote_it(kit, request)
    assert len((await order(kit, request, 0)).of(PUBLISH_UNCONFIRMED)) == 1
    with pytest.raises(Reject, match="was connected by somebody else"):
        await order(kit, request.model_copy(update={"outcome": "not_there"}), 1)
    assert len(server.posted) == 1


async def test_what_an_earlier_version_has_finished_is_not_told_to_somebody_else(
    kit: Kit, server: YouTubeServer
) -> None:
    request = await kept_by_youtube(kit)
    await as_an_earlier_version_wrote_it(kit, request)
    with pytest.raises(Reject, match="was connected by somebody else"):
        await order(kit, request, 0)
