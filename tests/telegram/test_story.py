"""The whole story of one person and one bot, over real NATS and PostgreSQL, with the real aiogram client."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from contracts import events as e
from contracts import subjects as s
from contracts.media import Candidate
from contracts.sight import Moment
from contracts.work import Failure, Publication, SourceReport
from tests.gateway.samples import clip
from tests.telegram.conftest import ADA, World, having, settled, shows
from tests.telegram.film import CLIP, asked, make_render


async def test_the_story_of_a_short_from_the_search_to_the_post(world: World, tmp_path: Path) -> None:
    bot, api = world.bot, world.api
    async with world.start():
        await world.ready()
        await api.write(bot, ADA, "hello")
        await world.seen(ADA, lambda shown: "only talk to linked chats" in shown.text)
        await world.link()

        await api.write(bot, ADA, "/scan how bees find home")
        scan = await world.seen(ADA, lambda shown: "Looking" in shown.text)
        (ordered,) = await world.commands()
        assert isinstance(ordered.data, e.DiscoveryRequested)
        reports = (
            SourceReport(source="youtube", status="ok", found=3),
            SourceReport(source="vimeo", status="not_configured", reason="CLIPWIRE_VIMEO_API_KEY is not set"),
        )
        done = e.DiscoveryDone(scan_id=ordered.data.key, niche="how bees find home", found=3, sources=reports)
        await world.say(s.DISCOVERY_DONE, done)
        await world.until(lambda: shows(scan, "Found: 3"))

        found = Candidate(
            candidate_id=CLIP, url=f"https://www.youtube.com/watch?v={CLIP[8:]}", title="Bees & the <sun>",
            source="youtube", author="Ada", duration=754, views=123456,
        )  # fmt: skip
        about = {"niche": "how bees find home", "scan_id": ordered.data.key}
        ranked = e.CandidateRanked(candidate=found, score=0.42, parts=(), method="local/1", **about)
        await world.say(s.CANDIDATE_RANKED, ranked)
        reason = "its score 0.42 is under 0.5, from which the channel 'default' approves"
        question = e.ApprovalAsked(
            about="candidate",
            id=CLIP,
            title=found.title,
            reason=reason,
            yes="candidate.approved",
            no="candidate.rejected",
        )
        await world.say(s.APPROVAL_ASKED, question)
        video = await world.seen(ADA, lambda shown: "Bees & the <sun>" in shown.text)
        assert "Score 42 of 100" in video.text
        assert "12:34" in video.text
        await api.press(bot, ADA, video, "Make shorts")
        await world.until(lambda: shows(video, "Approved by"))
        approved = (await world.commands())[-1]
        assert approved.data == e.CandidateApproved(candidate_id=CLIP, approved_by="operator")
        assert approved.owner is None
        await world.say(s.CLIP_DOWNLOADED, e.ClipDownloaded(clip=clip(CLIP)))
        await world.until(lambda: shows(video, "Listening"))
        await world.say(s.CLIP_TRANSCRIBED, e.ClipTranscribed(clip=clip(CLIP), reason="nothing is said"))
        span = Moment(start=12, end=32, score=0.81, reason="it ends on a punch line")
        analyzed = e.ClipAnalyzed(clip=clip(CLIP), analysis="media://a.json", moments=(span,), method="local/1")
        await world.say(s.CLIP_ANALYZED, analyzed)
        render = await make_render(world.media)
        await world.say(s.RENDER_REQUESTED, e.RenderRequested(clip_id=CLIP, start=12, end=32, title=render.title))
        await world.until(lambda: shows(video, "0 of 1"))
        await world.say(s.RENDER_DONE, e.RenderDone(render=render))
        await world.say(s.APPROVAL_ASKED, asked(render))
        short = await world.seen(ADA, lambda shown: bool(shown.video) and "🚀 Publish now" in shown.labels)
        assert "Score 81 of 100 · it ends on a punch line" in short.text
        await world.until(lambda: shows(video, "1 of 1"))

        await api.write(bot, ADA, "The dance that shows the way", reply_to=short)
        await world.until(lambda: shows(short, "The dance that shows the way"))
        await api.write(bot, ADA, "/timezone Europe/Berlin")
        await world.seen(ADA, lambda shown: "Europe/Berlin" in shown.text)
        await api.press(bot, ADA, short, "Schedule")
        await world.until(lambda: shows(short, "When?"))
        await api.write(bot, ADA, "tomorrow 9:00", reply_to=short)
        await world.until(lambda: shows(short, "publishing"))
        planned = (await world.commands())[-1].data
        assert isinstance(planned, e.PublishRequested)
        assert planned.title == "The dance that shows the way"
        assert planned.publish_at is not None and planned.publish_at.astimezone(UTC).hour in {7, 8}
        where = {"publication_id": planned.publication_id, "render_id": render.render_id, "account_id": "youtube:alice"}
        await world.say(s.PUBLISH_PLANNED, e.PublishPlanned(at=planned.publish_at, **where))
        await world.until(lambda: shows(short, "tomorrow at 09:00"))

        await world.say(
            s.PUBLISH_UNCONFIRMED, e.PublishUnconfirmed(reason="the answer was lost", advice="Look there", **where)
        )
        unsure = await world.seen(ADA, lambda shown: "is it there?" in shown.text)
        await api.press(bot, ADA, unsure, "It is there")
        await world.until(lambda: shows(unsure, "address of the post"))
        await api.write(bot, ADA, "https://youtu.be/xyz", reply_to=unsure)
        await world.until(lambda: shows(unsure, "https://youtu.be/xyz"))
        settled = (await world.commands())[-1].data
        assert isinstance(settled, e.PublishRequested)
        assert (settled.outcome, settled.url) == ("there", "https://youtu.be/xyz")
        published = Publication(
            platform="youtube", platform_id="xyz", url="https://youtu.be/xyz", title=planned.title or "",
            published_at=datetime.now(UTC) - timedelta(seconds=5), **where,
        )  # fmt: skip
        await world.say(s.PUBLISH_DONE, e.PublishDone(publication=published))
        await world.until(lambda: shows(short, "published today"))
        assert short.labels == ["▶️ youtube:alice"]

        failure = Failure(
            stage="publisher", subject="account", event_id="1", entity="youtube:alice", kind="rejected",
            what="Alice (youtube:alice) has to be connected again: the login was taken back",
            advice="Connect it again: `clipwire account connect youtube`",
        )  # fmt: skip
        await world.say(s.WORK_FAILED, e.WorkFailed(failure=failure))
        await world.seen(ADA, lambda shown: "has to be connected again" in shown.text)
        for command in ("/queue", "/status", "/channels", "/retry", "/metrics", "/help"):
            said = len(bot.said(ADA))
            await api.write(bot, ADA, command)
            await world.said_more(ADA, said)
    assert len([shown for shown in bot.said(ADA) if shown.video]) == 1
    (tmp_path / "transcript.txt").write_text(_transcript(world))
    print(_transcript(world))


def _transcript(world: World) -> str:
    lines = []
    for shown in world.bot.chat(ADA):
        who = "bot" if shown.ours else "you"
        film = f"[video {shown.bytes} bytes] " if shown.video else ""
        buttons = "".join(f"\n      [{'] ['.join(button['text'] for button in row)}]" for row in shown.buttons)
        text = shown.text.replace("\n", "\n      ")
        lines.append(f"{who}: {film}{text}{buttons}")
    return "\n\n".join(lines)


async def test_what_was_asked_before_a_chat_was_linked_is_in_its_queue(world: World) -> None:
    async with world.start():
        await world.ready()
        render = await make_render(world.media)
        await world.say(s.RENDER_DONE, e.RenderDone(render=render))
        await world.say(s.APPROVAL_ASKED, asked(render))
        await world.until(partial(settled, world))
        await world.link()
        for _ in range(2):  # asked for again, it comes again, at the end of the chat
            said = len(world.bot.said(ADA))
            await world.api.write(world.bot, ADA, "/queue")
            await world.api.until(partial(_so_many, world, said + 2))
        shorts = [shown for shown in world.bot.said(ADA) if shown.video]
        assert len(shorts) == 2
        assert shorts[0].video == shorts[1].video, "it is not uploaded again"
        await world.api.press(world.bot, ADA, shorts[0], "Reject")
        await world.until(partial(shows, shorts[1], "Rejected by operator"))
        await world.api.write(world.bot, ADA, "/queue")
        await world.seen(ADA, having("Nothing waits"))


async def test_a_link_that_is_sent_again_is_answered_at_the_end_of_the_chat(world: World) -> None:
    async with world.start():
        await world.ready()
        await world.link()
        for _ in range(2):
            said = len(world.bot.said(ADA))
            await world.api.write(world.bot, ADA, "https://example.org/talk.mp4")
            shown = await world.said_more(ADA, said)
            await world.until(partial(shows, shown, "Approved by"))
            assert shown is world.bot.said(ADA)[-1]
        assert len(await world.commands()) == 2


async def test_a_short_of_a_video_that_was_asked_for_here_is_shown_whatever_the_rules_do(world: World) -> None:
    async with world.start():
        await world.ready()
        await world.link()
        await world.api.write(world.bot, ADA, f"https://www.youtube.com/watch?v={CLIP[8:]}")
        await world.seen(ADA, having("Approved by"))
        render = await make_render(world.media)
        await world.say(s.RENDER_DONE, e.RenderDone(render=render))
        short = await world.seen(ADA, lambda shown: bool(shown.video))
        assert short.labels == []
        request = e.PublishRequested(render_id=render.render_id, account_id="outbox:default", requested_by="rule:x")
        await world.say(s.PUBLISH_REQUESTED, request)
        await world.until(partial(shows, short, "publishing"))
        failure = Failure(
            stage="publisher",
            subject="publish.requested",
            event_id="1",
            entity=request.publication_id,
            kind="rejected",
            what="the folder may not be written",
            advice="Give it other rights",
        )
        await world.say(s.WORK_FAILED, e.WorkFailed(failure=failure))
        await world.until(partial(shows, short, "❌ outbox:default: the folder may not be written"))
        told = await world.seen(ADA, having("Give it other rights"))
        await world.api.press(world.bot, ADA, told, "Try again")
        await world.until(partial(shows, told, "Ordered again"))
        again = (await world.commands())[-1].data
        assert (again.render_id, again.account_id) == (render.render_id, "outbox:default")


def _so_many(world: World, number: int) -> bool:
    return len(world.bot.said(ADA)) >= number
