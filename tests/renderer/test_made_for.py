"""A short is announced again only while it is what its clip, words and path would give today."""

from __future__ import annotations

from pathlib import Path

import pytest

from actors.renderer.actor import build
from actors.renderer.ports import Job, Output, Rendered, Report
from actors.renderer.settings import RendererSettings
from contracts.keys import analysis_uri, clip_prefix, clip_uri, render_prefix, render_uri, transcript_uri
from contracts.media import Clip, Rights, Transcript, Word
from contracts.renders import Render
from contracts.sight import Analysis, Framing
from contracts.subjects import RENDER_DONE, RENDER_REQUESTED
from runtime.actor import Actor
from runtime.errors import Reject, Retry
from runtime.media import FileMediaStore
from tests.renderer.test_actor import ASKED, CLIP, SmallRenderer, actor_with, store_clip
from tests.support.work import deliver


@pytest.fixture
def media(tmp_path: Path) -> FileMediaStore:
    return FileMediaStore(tmp_path / "media")


async def ordered(actor: Actor, **changed: object) -> Render:
    work = await deliver(actor, RENDER_REQUESTED, ASKED.model_copy(update=changed))
    return work.of(RENDER_DONE)[0].render


async def say(media: FileMediaStore, text: str, sha256: str | None = None) -> None:
    words = tuple(Word(text=f"{text}{n}", start=n, end=n + 0.5) for n in range(10))
    transcript = Transcript(
        clip_id=CLIP, language="en", method="t", timing="word", words=words, sentences=(), media_sha256=sha256
    )
    await media.write(transcript_uri(CLIP), transcript)


async def take_in_another_film(media: FileMediaStore) -> Clip:
    clip = await media.read(clip_uri(CLIP), Clip)
    async with media.writing(f"{clip_prefix(CLIP)}/source.2.mp4", "video/mp4") as draft:
        draft.path.write_bytes(b"another film")
    clip = clip.model_copy(update={"media": draft.ref})
    await media.write(clip_uri(CLIP), clip)
    return clip


async def test_corrected_words_are_rendered_anew(media: FileMediaStore) -> None:
    await store_clip(media)
    renderer = SmallRenderer()
    actor = actor_with(media, renderer)
    first = await ordered(actor)
    await say(media, "right")
    second = await ordered(actor)
    assert len(renderer.jobs) == 2
    assert [word.text for word in renderer.jobs[1].timeline.captions.words] == ["right2", "right3", "right4", "right5"]
    assert second.render_id == first.render_id
    assert first.captions is not None
    assert second.captions is not None
    assert "right2" in (await media.local(second.captions.uri)).read_text()


async def test_words_outside_of_the_span_change_nothing(media: FileMediaStore) -> None:
    await store_clip(media)
    renderer = SmallRenderer()
    actor = actor_with(media, renderer)
    first = await ordered(actor)
    transcript = await media.read(transcript_uri(CLIP), Transcript)
    words = (*transcript.words[:9], Word(text="other", start=9, end=9.5))
    await media.write(transcript_uri(CLIP), transcript.model_copy(update={"words": words}))
    assert await ordered(actor) == first
    assert len(renderer.jobs) == 1


async def test_words_that_are_gone_take_their_srt_along(media: FileMediaStore) -> None:
    await store_clip(media)
    actor = actor_with(media, SmallRenderer())
    await ordered(actor)
    await media.delete(transcript_uri(CLIP))
    assert (await ordered(actor)).captions is None
    assert not await media.exists(f"{render_prefix(ASKED.render_id)}/captions.srt")


async def test_another_film_in_the_clips_place_is_rendered_anew(media: FileMediaStore) -> None:
    await store_clip(media)
    renderer = SmallRenderer()
    actor = actor_with(media, renderer)
    await ordered(actor)
    await take_in_another_film(media)
    await ordered(actor)
    assert len(renderer.jobs) == 2


async def test_another_path_is_rendered_anew_where_the_recipe_follows_it(media: FileMediaStore) -> None:
    await store_clip(media)
    renderer = SmallRenderer()
    actor = actor_with(media, renderer)
    await ordered(actor)
    analysis = await media.read(analysis_uri(CLIP), Analysis)
    await media.write(analysis_uri(CLIP), analysis.model_copy(update={"framing": Framing(mode="fit")}))
    await ordered(actor)
    assert len(renderer.jobs) == 2


async def test_rights_and_tags_are_the_present_ones_without_rendering_again(media: FileMediaStore) -> None:
    clip = await store_clip(media)
    renderer = SmallRenderer()
    actor = actor_with(media, renderer)
    first = await ordered(actor)
    rights = Rights(status="permission", owner="Bea", vouched_by="ann")
    candidate = clip.candidate.model_copy(update={"rights": rights, "tags": ("new",)})
    await media.write(clip_uri(CLIP), clip.model_copy(update={"candidate": candidate}))
    second = await ordered(actor)
    assert (second.rights, second.tags) == (rights, ("new",))
    assert second.description.startswith("“Film” by Bea")
    assert (second.video, second.seconds_spent) == (first.video, first.seconds_spent)
    assert await media.read(render_uri(ASKED.render_id), Render) == second
    assert len(renderer.jobs) == 1


async def test_another_title_is_set_on_another_picture(media: FileMediaStore) -> None:
    await store_clip(media)
    renderer = SmallRenderer()
    actor = actor_with(media, renderer)
    await ordered(actor)
    second = await ordered(actor, title="Better")
    assert second.title == renderer.jobs[1].timeline.cover == "Better"


async def test_a_file_of_the_short_that_is_not_the_announced_one_is_made_again(media: FileMediaStore) -> None:
    await store_clip(media)
    renderer = SmallRenderer()
    actor = actor_with(media, renderer)
    first = await ordered(actor)
    (await media.local(first.video.uri)).write_bytes(b"of a render that was killed before it could say so")
    await ordered(actor)
    await media.delete(first.thumbnail.uri)
    await ordered(actor)
    assert len(renderer.jobs) == 3


async def test_the_words_of_another_film_are_waited_out(media: FileMediaStore) -> None:
    await store_clip(media)
    await say(media, "old", "0" * 64)
    renderer = SmallRenderer()
    with pytest.raises(Retry, match="transcript") as waiting:
        await ordered(actor_with(media, renderer))
    assert waiting.value.after
    assert renderer.jobs == []
    clip = await media.read(clip_uri(CLIP), Clip)
    await say(media, "new", clip.media.sha256)
    await ordered(actor_with(media, renderer))
    assert renderer.jobs[0].timeline.captions.words[0].text == "new2"


async def test_the_path_of_another_film_is_waited_out(media: FileMediaStore) -> None:
    await store_clip(media)
    analysis = await media.read(analysis_uri(CLIP), Analysis)
    await media.write(analysis_uri(CLIP), analysis.model_copy(update={"media_sha256": "0" * 64}))
    with pytest.raises(Retry, match="analysis"):
        await ordered(actor_with(media, SmallRenderer()))


@pytest.mark.parametrize("fails", [None, Reject("the file has gone")])
async def test_a_film_that_is_replaced_while_it_is_rendered_is_not_announced(
    media: FileMediaStore, fails: Reject | None
) -> None:
    class Overtaken(SmallRenderer):
        async def render(self, job: Job, *, outputs: tuple[Output, ...], report: Report) -> Rendered:
            await take_in_another_film(media)
            return await super().render(job, outputs=outputs, report=report)

    await store_clip(media)
    actor = build(settings=RendererSettings(), media=media, renderer=Overtaken(fails))
    with pytest.raises(Retry, match="replaced"):
        await ordered(actor)
    assert await media.list(render_prefix(ASKED.render_id)) == []
