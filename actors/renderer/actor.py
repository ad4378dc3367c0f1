"""render.requested -> render.done"""

from __future__ import annotations

from actors.renderer.ports import Renderer
from actors.renderer.settings import RendererSettings
from actors.renderer.store import Shorts
from contracts.events import RenderDone, RenderRequested
from contracts.subjects import RENDER_DONE, RENDER_REQUESTED
from runtime.actor import Actor, Work
from runtime.media import MediaStore

__all__ = ["build"]


def build(*, settings: RendererSettings, media: MediaStore, renderer: Renderer) -> Actor:
    """The renderer: orders from the bus, documents and files from the media store, the work behind a port."""
    actor = Actor("renderer", slots=settings.renderer_slots)
    shorts = Shorts(media, renderer)

    @actor.listen(RENDER_REQUESTED)
    async def on_render_requested(asked: RenderRequested, work: Work) -> None:
        async def report(done: float, eta_s: float | None) -> None:
            await work.progress(done, "rendering", eta_s=eta_s)

        render = await shorts.of(asked, report)
        done = RenderDone(render=render, channel_id=asked.channel_id, accounts=asked.accounts, publish=asked.publish)
        await work.emit(RENDER_DONE, done)

    return actor
