"""The actor: what it reads, stores, announces and refuses; with a small renderer behind its port."""

from __future__ import annotations

from pathlib import Path

import pytest

from actors.renderer.actor import build
from actors.renderer.ports import Job, Made, Output, Rendered, Report
from actors.renderer.settings import RendererSettings
from contracts.events import RenderRequested
from contracts.keys import analysis_uri, clip_prefix, clip_uri, render_prefix, render_uri, transcript_uri
from contracts.media import Candidate, Clip, Rights, Transcript, Word
from contracts.publishing import PublishWish
from contracts.renders import QualityReport, Recipe, Render
from contracts.sight import Analysis, Framing
from contracts.subjects import RENDER_DONE, RENDER_REQUESTED
from runtime.actor import Actor
from runtime.errors import Reject, Retry
from runtime.media import FileMediaStore
from tests.support.work import deliver

CLIP = "web:abc"
WRITTEN = (
    "captions.srt",
    "captions.vtt",
    "render.json",
    "thumbnail.jpg",
    "timeline.json",
    "timeline.otio",
    "video.mp4",
)
ASKED = RenderRequested(clip_id=CLIP, start=2.0, end=6.0, channel_id="news", title="A title")


class SmallRenderer:
    """Writes a few bytes, and remembers its orders. `fails`: after it has begun to write."""

    def __init__(self, fails: Exception | None = None) -> None:
        self.jobs: list[Job] = []
        self.fails = fails

    async def render(self, job: Job, *, outputs: tuple[Output, ...], report: Report) -> Rendered:
        self.jobs.append(job)
        for output in outputs:
            output.video.write_bytes(b"video")
        await report(0.5, 3.0)
        if self.fails is not None:
            raise self.fails
        for output in outputs:
            output.thumbnail.write_bytes(b"picture")
        canvas = job.timeline.canvas
        quality = QualityReport(
            frames=1, video_seconds=1, audio_seconds=1, sound_offset_ms=0, sharpness=1, bytes=len(b"video")
        )
        return Rendered(
            made=tuple(
                Made(shape=each.shape, width=canvas.width, height=canvas.height, quality=quality) for each in outputs
            ),
            duration=job.timeline.duration,
            fps=canvas.fps,
            loudness=-14,
            true_peak=-1.5,
            encoder="none",
        )


@pytest.fixture
def media(tmp_path: Path) -> FileMediaStore:
    return FileMediaStore(tmp_path / "media")


def actor_with(media: FileMediaStore, renderer: SmallRenderer) -> Actor:
    return build(settings=RendererSettings(), media=media, renderer=renderer)


async def store_clip(media: FileMediaStore, *, spoken: bool = True) -> Clip:
    async with media.writing(f"{clip_prefix(CLIP)}/source.mp4", "video/mp4") as draft:
        draft.path.write_bytes(b"source")
    rights = Rights(status="licensed", licence="CC-BY-4.0", owner="Ann")
    candidate = Candidate(
        candidate_id=CLIP, url="https://x.org/v", title="Film", source="t", tags=("one", "two"), rights=rights
    )
    clip = Clip(
        clip_id=CLIP,
        source_url="https://x.org/v",
        title="Film",
        media=draft.ref,
        duration=10,
        width=320,
        height=180,
        fps=25,
        video_codec="h264",
        candidate=candidate,
    )
    await media.write(clip_uri(CLIP), clip)
    if spoken:
        words = tuple(Word(text=f"w{n}", start=n, end=n + 0.5) for n in range(10))
        transcript = Transcript(clip_id=CLIP, language="en", method="t", timing="word", words=words, sentences=())
        await media.write(transcript_uri(CLIP), transcript)
        analysis = Analysis(clip_id=CLIP, method="t", shots=(), loudness=(), framing=Framing(mode="track"), moments=())
        await media.write(analysis_uri(CLIP), analysis)
    return clip


async def test_an_order_becomes_a_stored_short_and_is_announced(media: FileMediaStore) -> None:
    clip, renderer = await store_clip(media), SmallRenderer()
    work = await deliver(actor_with(media, renderer), RENDER_REQUESTED, ASKED)
    (done,) = work.of(RENDER_DONE)
    render = done.render
    assert (done.channel_id, render.title, render.tags) == ("news", "A title", ("one", "two"))
    assert render.description == "“Film” by Ann, CC-BY-4.0\nSource: https://x.org/v"
    assert render.rights == clip.candidate.rights
    assert await media.read(render_uri(ASKED.render_id), Render) == render
    folder = render_prefix(ASKED.render_id)
    assert await media.list(folder) == [f"{folder}/{name}" for name in WRITTEN]
    assert (await media.local(f"{folder}/captions.srt")).read_text().startswith("1\n00:00:00,000 --> ")
    (job,) = renderer.jobs
    words = job.timeline.captions.words
    assert [(word.text, word.start) for word in words] == [("w2", 0), ("w3", 1), ("w4", 2), ("w5", 3)]
    (segment,) = job.timeline.segments
    assert (segment.start, segment.end, segment.framing) == (2.0, 6.0, Framing(mode="track"))
    assert Path(segment.source) == await media.local(clip.media.uri)
    assert work.notes == [(0.5, "rendering")]


async def test_for_whom_and_how_it_is_published_is_passed_on(media: FileMediaStore) -> None:
    await store_clip(media)
    wish = PublishWish(description="My words", vouch=True, requested_by="ada")
    asked = ASKED.model_copy(update={"accounts": ("tube:alice",), "publish": wish})
    (done,) = (await deliver(actor_with(media, SmallRenderer()), RENDER_REQUESTED, asked)).of(RENDER_DONE)
    assert (done.accounts, done.publish) == (("tube:alice",), wish)


async def test_without_words_there_is_no_srt_and_without_a_title_the_clips_own(media: FileMediaStore) -> None:
    await store_clip(media, spoken=False)
    renderer = SmallRenderer()
    asked = RenderRequested(clip_id=CLIP, start=2.0, end=10.3)
    work = await deliver(actor_with(media, renderer), RENDER_REQUESTED, asked)
    render = work.of(RENDER_DONE)[0].render
    assert render.captions is None
    assert render.title == "Film"
    (segment,) = renderer.jobs[0].timeline.segments
    assert segment.framing == Framing(mode="center")
    assert segment.end == 10


async def test_a_second_delivery_announces_the_same_without_rendering_again(media: FileMediaStore) -> None:
    await store_clip(media)
    renderer = SmallRenderer()
    actor = actor_with(media, renderer)
    first = await deliver(actor, RENDER_REQUESTED, ASKED)
    second = await deliver(actor, RENDER_REQUESTED, ASKED, attempt=2)
    assert first.emitted == second.emitted
    assert len(renderer.jobs) == 1


async def test_a_failed_render_leaves_nothing_behind_that_could_be_taken_for_whole(media: FileMediaStore) -> None:
    await store_clip(media)
    with pytest.raises(Retry):
        await deliver(actor_with(media, SmallRenderer(fails=Retry("it broke"))), RENDER_REQUESTED, ASKED)
    assert await media.list(f"media://renders/{ASKED.render_id}") == []
    assert list((media.root / ".parts").iterdir()) == []
    renderer = SmallRenderer()
    work = await deliver(actor_with(media, renderer), RENDER_REQUESTED, ASKED, attempt=2)
    assert len(work.of(RENDER_DONE)) == len(renderer.jobs) == 1


async def test_a_clip_that_is_not_there_is_refused_by_name(media: FileMediaStore) -> None:
    with pytest.raises(Reject, match="no clip 'web:abc'") as refused:
        await deliver(actor_with(media, SmallRenderer()), RENDER_REQUESTED, ASKED)
    assert refused.value.field == "clip_id"


@pytest.mark.parametrize(("start", "end", "field"), [(2, 12, "end"), (10, 12, "start"), (50, 60, "start")])
async def test_a_span_beyond_the_clip_is_refused(media: FileMediaStore, start: float, end: float, field: str) -> None:
    await store_clip(media)
    renderer = SmallRenderer()
    with pytest.raises(Reject, match=r"10\.00 s long") as refused:
        asked = RenderRequested(clip_id=CLIP, start=start, end=end)
        await deliver(actor_with(media, renderer), RENDER_REQUESTED, asked)
    assert refused.value.field == field
    assert renderer.jobs == []


async def test_other_recipes_of_the_same_span_are_other_renders(media: FileMediaStore) -> None:
    await store_clip(media)
    renderer = SmallRenderer()
    actor = actor_with(media, renderer)
    for framing in ("auto", "fit"):
        asked = ASKED.model_copy(update={"recipe": Recipe(framing=framing)})
        await deliver(actor, RENDER_REQUESTED, asked)
    assert len(renderer.jobs) == 2
