"""A judge over the models of a local server, for a clip whose picture and speech are made up."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from actors.vlm.adapters.judging.interview import Interview
from actors.vlm.adapters.judging.judge import ModelJudge
from actors.vlm.adapters.judging.models import open_models
from actors.vlm.adapters.judging.models.http import open_client
from actors.vlm.adapters.judging.panel import Panel
from actors.vlm.core.judging import Verdict
from actors.vlm.core.prices import prices_told
from actors.vlm.ports import Case, Judgement
from actors.vlm.settings import VlmSettings
from actors.vlm.store import Answers, Budget, Turns
from contracts.media import Transcript
from contracts.work import Channel
from runtime.claims import Claims
from runtime.media import FileMediaStore
from tests.support.channels import MemoryChannels
from tests.support.claims import MemoryClaims
from tests.vlm.clips import a_sight, a_transcript
from tests.vlm.footage import a_clip
from tests.vlm.model_server import Server, settings_for

__all__ = ["SPEECH", "Camera", "a_case", "a_verdict", "judged", "judging", "quiet"]

SPEECH = a_transcript([(float(t), f"Why do nine bees dance for flower number {t}?") for t in range(1, 190, 5)])


class Camera:
    """A photographer with one picture."""

    def __init__(self) -> None:
        self.taken: list[float] = []

    async def take(self, path: Path, times: Sequence[float]) -> tuple[bytes, ...]:
        self.taken += times
        return tuple(b"\xff\xd8picture" for _ in times)


async def quiet(done: float, note: str) -> None:
    """Progress that nobody reads."""


def a_case(
    transcript: Transcript | None = SPEECH, *, wanted: int = 4, channel_id: str = "default", seconds: float = 200.0
) -> Case:
    return Case(a_clip(seconds), a_sight(seconds, faces=1.0), transcript, wanted, channel_id)


def a_verdict(candidate: int = 1, **other: Any) -> Verdict:
    """A good one, but for `other`."""
    fine = {"stands_alone": True, "hook": True, "pays_off": True, "safe": True, "mood": "calm", "grade": 3}
    return Verdict(candidate=candidate, **{**fine, **other})


@asynccontextmanager
async def judging(
    settings: VlmSettings,
    media: FileMediaStore,
    *,
    budget: float | None = None,
    claims: Claims | None = None,
    camera: Camera | None = None,
) -> AsyncIterator[ModelJudge]:
    """The judge as `open_judge` makes it, with a camera of the test's own."""
    async with open_client() as http:
        kept = claims or MemoryClaims()
        panel = Panel(
            open_models(settings, http),
            Budget(kept),
            prices=prices_told(settings.vlm_prices),
            wait_s=settings.vlm_model_wait_s,
            pause_s=0.01,
        )
        yield ModelJudge(
            Interview(panel, Answers(media), media, camera or Camera()),
            channels=MemoryChannels(Channel(model_budget_usd=budget)),
            turns=Turns(kept),
            limit=settings.vlm_budget_usd,
        )


async def judged(
    server: Server,
    media: FileMediaStore,
    *providers: str,
    camera: Camera | None = None,
    transcript: Transcript | None = SPEECH,
    **more: Any,
) -> Judgement:
    """What comes of `a_case` before these providers. With a `camera` its media is there, too."""
    if camera:
        async with media.writing(a_case().clip.media.uri, "video/mp4") as draft:
            draft.path.write_bytes(b"video")
    async with judging(settings_for(server, *providers, **more), media, camera=camera) as judge:
        return await judge.judge(a_case(transcript), quiet)
