"""Shorts for the tests: a real file in the media store, and the events around it."""

from __future__ import annotations

from pathlib import Path
from typing import TypedDict, Unpack

from contracts import events as e
from contracts.keys import render_uri
from contracts.media import Rights
from contracts.renders import Recipe, Render
from runtime.media import FileMediaStore

__all__ = ["CLIP", "asked", "film", "make_render"]

CLIP = "youtube:abcdefghijk"


class Look(TypedDict, total=False):
    """How a film is: what is left out is as `film` has it."""

    seconds: float
    width: int
    height: int
    noise: bool


def film(path: Path, *, seconds: float = 1.0, width: int = 108, height: int = 192, noise: bool = False) -> None:
    """A short film with a tone. `noise`: pictures that do not compress."""
    import av
    import numpy as np

    random = np.random.default_rng(1)
    with av.open(str(path), "w") as made:
        video = made.add_stream("libx264", rate=25)
        video.width, video.height, video.pix_fmt = width, height, "yuv420p"
        video.options = {"preset": "ultrafast", "crf": "10" if noise else "35"}
        sound = made.add_stream("aac", rate=44_100, layout="mono")
        for number in range(round(seconds * 25)):
            if noise:
                pixels = random.integers(0, 255, (height, width, 3), dtype=np.uint8)
            else:
                pixels = np.full((height, width, 3), number * 5 % 255, dtype=np.uint8)
            made.mux(video.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        samples = (np.sin(np.arange(round(seconds * 44_100)) / 20) * 8000).astype(np.int16)
        for start in range(0, len(samples) - 1024, 1024):
            frame = av.AudioFrame.from_ndarray(samples[None, start : start + 1024], format="s16", layout="mono")
            frame.sample_rate, frame.pts = 44_100, start
            made.mux(sound.encode(frame))
        made.mux(video.encode(None))
        made.mux(sound.encode(None))


async def make_render(
    media: FileMediaStore,
    title: str = "How bees find home",
    *,
    start: float = 12.0,
    rights: str = "licensed",
    **look: Unpack[Look],
) -> Render:
    """A finished short, in the media store. `look`: of its film."""
    order = e.RenderRequested(clip_id=CLIP, start=start, end=start + 20)
    prefix = f"media://renders/{order.render_id}"
    async with media.writing(f"{prefix}/video.mp4", "video/mp4") as draft:
        film(draft.path, **look)
    async with media.writing(f"{prefix}/thumbnail.jpg", "image/jpeg") as picture:
        picture.path.write_bytes(b"jpeg")
    made = Render(
        render_id=order.render_id,
        clip_id=CLIP,
        start=start,
        end=start + 20,
        recipe=Recipe(),
        title=title,
        video=draft.ref,
        thumbnail=picture.ref,
        duration=20,
        width=1080,
        height=1920,
        fps=30,
        encoder="libx264",
        seconds_spent=1,
        rights=Rights.model_validate({"status": rights}),
    )
    await media.write(render_uri(order.render_id), made)
    return made


def asked(render: Render, *accounts: str) -> e.ApprovalAsked:
    """The question about it."""
    return e.ApprovalAsked(
        about="render",
        id=render.render_id,
        title=render.title,
        reason="the channel 'default' asks before it publishes",
        yes="publish.requested",
        no="render.rejected",
        accounts=accounts or ("youtube:alice",),
    )
