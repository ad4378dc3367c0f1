"""The handler: what it reads, writes, emits and reuses. The analyzer is a stand-in behind its port."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from actors.vlm.actor import build
from actors.vlm.adapters.judging.judge import WOULD_HELP, LocalJudge, open_judge
from actors.vlm.adapters.local import LocalAnalyzer
from actors.vlm.ports import Case, Judgement, Progress, Sight
from actors.vlm.settings import VlmSettings
from contracts.events import ClipTranscribed
from contracts.keys import analysis_uri, transcript_uri
from contracts.media import Clip, Order, Transcript, TranscriptRef
from contracts.sight import Analysis, ModelUse
from contracts.subjects import CLIP_ANALYZED, CLIP_TRANSCRIBED
from runtime.actor import Actor
from runtime.errors import MediaMissing, Reject
from runtime.media import FileMediaStore
from tests.support.channels import MemoryChannels
from tests.support.claims import MemoryClaims
from tests.support.work import deliver
from tests.vlm.clips import a_sight, a_transcript
from tests.vlm.footage import a_clip, film, scenes, tone
from tests.vlm.model_server import good, serving, settings_for


class StandIn:
    """Counts how often it looks."""

    method = "stand-in/1"

    def __init__(self, duration: float = 200.0) -> None:
        self.looked = 0
        self._duration = duration

    async def look(self, path: Path, clip: Clip, progress: Progress) -> Sight:
        self.looked += 1
        await progress(0.5, "looking")
        return a_sight(self._duration).model_copy(update={"made_from": clip.media.sha256, "method": self.method})


async def stored(media: FileMediaStore, clip: Clip, body: bytes = b"video") -> Clip:
    async with media.writing(clip.media.uri, "video/mp4") as draft:
        draft.path.write_bytes(body)
    return clip.model_copy(update={"media": draft.ref})


async def heard(
    media: FileMediaStore, transcript: Transcript | None = None, clips: int | None = None
) -> ClipTranscribed:
    clip = await stored(media, a_clip(200.0))
    ref = None
    if transcript:
        await media.write(transcript_uri(clip.clip_id), transcript)
        ref = TranscriptRef(
            uri=transcript_uri(clip.clip_id), language="en", method="captions:srt", words=len(transcript.words)
        )
    return ClipTranscribed(clip=clip, order=Order(clips=clips), transcript=ref)


def an_actor(media: FileMediaStore, analyzer: StandIn | None = None) -> Actor:
    return build(
        settings=VlmSettings(), media=media, analyzer=analyzer or StandIn(), judge=LocalJudge("a key would help")
    )


SPEECH = a_transcript([(float(t), "Why do nine bees dance for flowers?") for t in range(1, 190, 4)])


async def test_a_clip_is_analysed_and_its_moments_are_told(media: FileMediaStore) -> None:
    message = await heard(media, SPEECH)
    work = await deliver(an_actor(media), CLIP_TRANSCRIBED, message)
    (event,) = work.of(CLIP_ANALYZED)
    assert (event.clip, event.order, event.transcript) == (message.clip, message.order, message.transcript)
    assert (event.analysis, event.method) == (analysis_uri(message.clip.clip_id), "local/2")
    kept = await media.read(event.analysis, Analysis)
    assert kept.moments == event.moments
    assert len(event.moments) >= 4
    assert work.notes == [(0.5, "looking")]


async def test_every_moment_has_its_reason_title_text_and_score(media: FileMediaStore) -> None:
    (event,) = (await deliver(an_actor(media), CLIP_TRANSCRIBED, await heard(media, SPEECH))).of(CLIP_ANALYZED)
    for moment in event.moments:
        assert moment.text.startswith("Why do nine bees")
        assert 0 < len(moment.title) <= 80
        assert "opens with a question" in moment.reason.lower()
        assert sum(part.weight for part in moment.parts) == pytest.approx(1, abs=0.001)
        assert sum((part.value or 0) * part.weight for part in moment.parts) == pytest.approx(moment.score, abs=0.002)


async def test_without_a_transcript_the_clip_names_its_moments(media: FileMediaStore) -> None:
    (event,) = (await deliver(an_actor(media), CLIP_TRANSCRIBED, await heard(media))).of(CLIP_ANALYZED)
    assert all(moment.title.startswith("A clip at ") and not moment.text for moment in event.moments)


async def test_a_second_delivery_reuses_everything(media: FileMediaStore) -> None:
    analyzer, message = StandIn(), await heard(media, SPEECH)
    actor = an_actor(media, analyzer)
    first = await deliver(actor, CLIP_TRANSCRIBED, message)
    before = (await media.local(analysis_uri(message.clip.clip_id))).stat().st_mtime_ns
    second = await deliver(actor, CLIP_TRANSCRIBED, message, attempt=2)
    assert first.emitted == second.emitted
    assert analyzer.looked == 1
    assert (await media.local(analysis_uri(message.clip.clip_id))).stat().st_mtime_ns == before


async def test_an_analysis_without_a_model_says_what_one_would_add(media: FileMediaStore) -> None:
    (event,) = (await deliver(an_actor(media), CLIP_TRANSCRIBED, await heard(media, SPEECH))).of(CLIP_ANALYZED)
    assert event.models == ()
    assert event.notes == ("a key would help",)
    assert (await media.read(event.analysis, Analysis)).notes == event.notes


class Moody:
    """A judge whose model answers at the second order only; counts how often it is asked."""

    method = "moody"

    def __init__(self) -> None:
        self.asked = 0

    async def judge(self, case: Case, progress: Progress) -> Judgement:
        self.asked += 1
        judged = await LocalJudge("").judge(case, progress)
        failure = "it was busy" if self.asked == 1 else None
        use = ModelUse(stage="questions", provider="groq", model="x", prompt="questions/1", failure=failure)
        return replace(judged, models=(use,))


async def test_a_redelivery_asks_no_model_again_but_the_next_order_does(media: FileMediaStore) -> None:
    judge, message = Moody(), await heard(media, SPEECH)
    actor = build(settings=VlmSettings(), media=media, analyzer=StandIn(), judge=judge)
    first = await deliver(actor, CLIP_TRANSCRIBED, message)
    again = await deliver(actor, CLIP_TRANSCRIBED, message, attempt=2)
    assert first.emitted == again.emitted
    assert judge.asked == 1
    (event,) = (await deliver(actor, CLIP_TRANSCRIBED, message, event_id="cause-2")).of(CLIP_ANALYZED)
    assert judge.asked == 2
    assert event.models[0].failure is None
    await deliver(actor, CLIP_TRANSCRIBED, message, event_id="cause-3")
    assert judge.asked == 2


async def test_a_new_order_whose_first_delivery_failed_asks_again_too(media: FileMediaStore) -> None:
    judge, message = Moody(), await heard(media, SPEECH)
    actor = build(settings=VlmSettings(), media=media, analyzer=StandIn(), judge=judge)
    await deliver(actor, CLIP_TRANSCRIBED, message)
    (event,) = (await deliver(actor, CLIP_TRANSCRIBED, message, event_id="cause-2", attempt=2)).of(CLIP_ANALYZED)
    assert judge.asked == 2
    assert event.models[0].failure is None


class Strict:
    """A judge for whom nothing is safe."""

    method = "strict"

    async def judge(self, case: Case, progress: Progress) -> Judgement:
        return Judgement((), (), reason="nothing in it is for a general audience")


async def test_why_there_are_no_moments_is_told_in_the_event_and_in_the_analysis(media: FileMediaStore) -> None:
    actor = build(settings=VlmSettings(), media=media, analyzer=StandIn(), judge=Strict())
    (event,) = (await deliver(actor, CLIP_TRANSCRIBED, await heard(media, SPEECH))).of(CLIP_ANALYZED)
    assert (event.moments, event.reason) == ((), "nothing in it is for a general audience")
    assert (await media.read(event.analysis, Analysis)).reason == event.reason


async def test_another_count_chooses_anew_without_looking_again(media: FileMediaStore) -> None:
    analyzer = StandIn()
    actor = an_actor(media, analyzer)
    await deliver(actor, CLIP_TRANSCRIBED, await heard(media))
    (event,) = (await deliver(actor, CLIP_TRANSCRIBED, await heard(media, clips=12))).of(CLIP_ANALYZED)
    assert len(event.moments) == 12
    assert analyzer.looked == 1


async def test_another_transcript_chooses_anew(media: FileMediaStore) -> None:
    actor = an_actor(media)
    (silent,) = (await deliver(actor, CLIP_TRANSCRIBED, await heard(media))).of(CLIP_ANALYZED)
    (spoken,) = (await deliver(actor, CLIP_TRANSCRIBED, await heard(media, SPEECH))).of(CLIP_ANALYZED)
    assert silent.moments != spoken.moments


async def test_other_media_under_the_same_name_are_looked_at(media: FileMediaStore) -> None:
    analyzer, message = StandIn(), await heard(media)
    actor = an_actor(media, analyzer)
    await deliver(actor, CLIP_TRANSCRIBED, message)
    again = message.model_copy(update={"clip": await stored(media, message.clip, b"another video")})
    await deliver(actor, CLIP_TRANSCRIBED, again)
    assert analyzer.looked == 2


async def test_a_half_written_or_older_analysis_is_made_anew(media: FileMediaStore) -> None:
    message = await heard(media)
    path = media.root / analysis_uri(message.clip.clip_id).removeprefix("media://")
    path.write_text('{"clip_id": "file:abc", "method": "old/0"}')
    assert (await deliver(an_actor(media), CLIP_TRANSCRIBED, message)).of(CLIP_ANALYZED)


async def test_missing_media_are_rejected(media: FileMediaStore) -> None:
    with pytest.raises(MediaMissing):
        await deliver(an_actor(media), CLIP_TRANSCRIBED, ClipTranscribed(clip=a_clip()))


async def test_a_missing_or_broken_transcript_is_rejected(media: FileMediaStore) -> None:
    message = await heard(media, SPEECH)
    path = await media.local(transcript_uri(message.clip.clip_id))
    path.write_text("{}")
    with pytest.raises(Reject, match="is no transcript"):
        await deliver(an_actor(media), CLIP_TRANSCRIBED, message)
    path.unlink()
    with pytest.raises(MediaMissing):
        await deliver(an_actor(media), CLIP_TRANSCRIBED, message)


async def test_a_real_video_without_speech_gives_the_moments_that_were_asked_for(
    media: FileMediaStore, tmp_path: Path
) -> None:
    path = film(tmp_path / "a.mp4", scenes((7.0, 15.0, 22.4)), 30.0, fps=10, loud=tone((0, 0.1), (15, 0.4)))
    clip = await stored(media, a_clip(30.0), path.read_bytes())
    actor = build(settings=VlmSettings(), media=media, analyzer=LocalAnalyzer(VlmSettings()), judge=LocalJudge(""))
    (event,) = (await deliver(actor, CLIP_TRANSCRIBED, ClipTranscribed(clip=clip))).of(CLIP_ANALYZED)
    assert len(event.moments) == 4
    edges = {round(edge, 1) for moment in event.moments for edge in (moment.start, moment.end)}
    assert len(edges & {0.0, 7.0, 15.0, 22.4, 30.0}) >= 3


async def test_a_real_video_is_judged_by_a_model_that_sees_it(media: FileMediaStore, tmp_path: Path) -> None:
    path = film(tmp_path / "a.mp4", scenes((7.0, 15.0, 22.4)), 30.0, fps=10)
    clip = await stored(media, a_clip(30.0), path.read_bytes())
    with serving(good) as server:
        settings = settings_for(server, "gemini", gemini_frames=4)
        async with open_judge(settings, media, MemoryClaims(), MemoryChannels()) as judge:
            actor = build(settings=settings, media=media, analyzer=LocalAnalyzer(settings), judge=judge)
            (event,) = (await deliver(actor, CLIP_TRANSCRIBED, ClipTranscribed(clip=clip))).of(CLIP_ANALYZED)
    assert [asked.pictures for asked in server.asked] == [4, 4]
    assert event.moments[0].title == "Title 1"
    assert event.moments[0].judged_by == "gemini:gemini-3.8-flash"
    assert [use.failure for use in event.models] == [None, None]
    assert (await media.read(event.analysis, Analysis)).models == event.models


async def test_without_a_key_the_judge_says_what_one_would_add(media: FileMediaStore) -> None:
    async with open_judge(VlmSettings(), media, MemoryClaims(), MemoryChannels()) as judge:
        actor = build(settings=VlmSettings(), media=media, analyzer=StandIn(), judge=judge)
        (event,) = (await deliver(actor, CLIP_TRANSCRIBED, await heard(media, SPEECH))).of(CLIP_ANALYZED)
    assert event.notes == (WOULD_HELP,)
    assert "CLIPWIRE_GEMINI_API_KEY" in WOULD_HELP
