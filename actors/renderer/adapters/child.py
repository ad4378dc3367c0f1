"""Every render in a child process of its own: a bomb can't hurt, and to cancel is to kill."""

from __future__ import annotations

from typing import Any

from actors.renderer.adapters.job import Order
from actors.renderer.ports import Job, Output, Rendered, Report
from actors.renderer.settings import RendererSettings
from runtime.children import ChildCrashError, ChildTimeoutError, run_child
from runtime.errors import Reject, Retry

__all__ = ["LEAN", "ChildRenderer"]

_CHILD = "actors.renderer.adapters.job"
LEAN = {"MALLOC_ARENA_MAX": "2", "OPENBLAS_NUM_THREADS": "1"}
"""Two libraries that else keep memory for each of many threads: 20 MB less, and nothing slower."""


class ChildRenderer:
    """`Renderer` on PyAV, one process for each short."""

    def __init__(self, settings: RendererSettings) -> None:
        self._settings = settings

    async def render(self, job: Job, *, outputs: tuple[Output, ...], report: Report) -> Rendered:
        """See `Renderer.render`."""
        settings = self._settings
        order = Order(
            job=job,
            outputs=outputs,
            memory_mb=settings.renderer_memory_mb,
            max_pixels=round(settings.renderer_max_megapixels * 1e6),
            fonts=settings.renderer_fonts,
            encoder=settings.renderer_encoder,
        )

        async def progressed(said: dict[str, Any]) -> None:
            await report(said["done"], said["eta_s"])

        try:
            answer = await run_child(
                _CHILD,
                order.model_dump(mode="json"),
                timeout_s=settings.renderer_timeout_s,
                progressed=progressed,
                env=LEAN,
            )
        except ChildTimeoutError:
            raise Reject(
                f"The render took longer than {settings.renderer_timeout_s:.0f} s and was stopped",
                advice="Order a shorter span, or raise CLIPWIRE_RENDERER_TIMEOUT_S",
            ) from None
        except ChildCrashError as crash:
            raise Retry(
                f"The render broke down: {crash.what}",
                advice="If it happens again, look at the clip's source; a kill by the system means too little memory",
            ) from crash
        return Rendered.model_validate(answer)
