"""What nobody foresaw: each is survived, is in the log with its traceback, and is counted where an admin sees it."""

from __future__ import annotations

import pytest

from contracts import events as e
from contracts import subjects as s
from contracts.media import Candidate
from tests.telegram.conftest import ADA, World, having
from tests.telegram.film import CLIP
from tests.telegram.test_faults import failure

pytestmark = pytest.mark.errors_expected
BOB = 78


def tracebacks(caplog: pytest.LogCaptureFixture) -> int:
    """How many bugs are in the log, each with how it came about."""
    lines = [record.getMessage() for record in caplog.records if "telegram.bug" in record.getMessage()]
    assert all("Traceback (most recent call last)" in line for line in lines)
    return len(lines)


async def counted(world: World, count: int) -> None:
    """See the count, as an admin does."""
    await world.api.write(world.bot, ADA, "/status")
    await world.seen(ADA, having(f"Errors in the bot since its start: {count}."))


async def test_an_event_that_cannot_be_told_silences_nothing_else(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    async with world.start():
        await world.ready()
        await world.link()
        address = "https://www.youtube.com/watch?v=abcdefghijk"
        found = Candidate(candidate_id=CLIP, url=address, title="Bees", source="youtube")
        await world.say(s.CANDIDATE_FOUND, e.CandidateFound(candidate=found, niche="bees", scan_id="s"))
        await world.until(lambda: world.pool.fetchval("SELECT count(*) FROM gateway.candidates"))
        await world.pool.execute('UPDATE gateway.candidates SET candidate = \'{"of": "another version"}\'')
        question = e.ApprovalAsked(
            about="candidate", id=CLIP, title="Bees", reason="x", yes="candidate.approved", no="candidate.rejected"
        )
        await world.say(s.APPROVAL_ASKED, question)
        await world.say(s.WORK_FAILED, failure("youtube:bcdefghijkl", "it is too long"))
        await world.seen(ADA, having("it is too long"))
        await counted(world, 1)
    assert tracebacks(caplog) == 1


async def test_a_card_that_cannot_be_changed_silences_nothing_else(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    async with world.start():
        await world.ready()
        await world.link()
        await world.say(s.WORK_FAILED, failure())
        await world.seen(ADA, having("the video is gone"))
        await world.pool.execute('UPDATE telegram.cards SET facts = \'{"kind": "of another version"}\'')
        await world.say(s.WORK_FAILED, failure())
        await world.say(s.WORK_FAILED, failure("youtube:bcdefghijkl", "it is too long"))
        await world.seen(ADA, having("it is too long"))
        await counted(world, 1)
    assert tracebacks(caplog) == 1


async def test_a_message_that_cannot_be_said_holds_up_nothing_behind_it(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    async with world.start():
        await world.ready()
        await world.link()
        await world.pool.execute(
            "INSERT INTO telegram.cards (bot_id, chat_id, thing, facts) VALUES ($1, $2, 'odd', $3)",
            world.bot.id,
            ADA,
            '{"kind": "note", "lines": [{"key": "text.of_another_version"}]}',
        )
        await world.api.write(world.bot, ADA, "/help")
        await world.seen(ADA, having("/metrics"))
        await counted(world, 1)
        assert await world.pool.fetchval("SELECT broken FROM telegram.cards WHERE thing = 'odd'") == "KeyError"
    assert tracebacks(caplog) == 1


async def test_an_update_that_cannot_be_worked_off_holds_up_neither_its_chat_nor_another(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    async with world.start():
        await world.ready()
        await world.link()
        await world.link(BOB)
        await world.pool.execute("ALTER TABLE telegram.cards ADD CHECK (facts #>> '{lines,0,key}' <> 'queue.none')")
        await world.api.write(world.bot, ADA, "/queue")
        await world.api.write(world.bot, BOB, "/help")
        await world.seen(BOB, having("/metrics"))
        await counted(world, 3)
        assert not [shown for shown in world.bot.said(ADA) if "Nothing waits" in shown.text]
    assert tracebacks(caplog) == 3, "it was tried three times"
