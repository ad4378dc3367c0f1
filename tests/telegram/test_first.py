"""The first words."""

from __future__ import annotations

from contracts import events as e
from tests.telegram.conftest import ADA, World


async def test_a_linked_chat_has_a_clip_made_of_a_link(world: World) -> None:
    async with world.start():
        await world.until(lambda: _polled(world))
        await world.link()
        await world.api.write(world.bot, ADA, "/clip https://example.org/talk.mp4")
        await world.seen(ADA, lambda shown: "Ordered" in shown.text)
        (event,) = await world.commands()
        assert isinstance(event.data, e.CandidateApproved)
        assert (event.data.url, event.data.approved_by) == ("https://example.org/talk.mp4", "operator")


async def _polled(world: World) -> bool:
    return world.bot.polls > 0
