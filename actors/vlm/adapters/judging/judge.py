"""The `Judge`: the local choice, and on top of it what a model says of the candidates, if there is one.

Two stages: closed questions about all candidates in one request, then the words for the chosen ones. Where nobody gives
an answer that can be used, the local one stands, and `ModelUse.failure` says why. Otherwise only what was judged is a
moment.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from actors.vlm.adapters.judging.interview import Interview, Sitting
from actors.vlm.adapters.judging.models import open_models
from actors.vlm.adapters.judging.models.http import open_client
from actors.vlm.adapters.judging.panel import Panel, Purse
from actors.vlm.adapters.judging.photos import Photos
from actors.vlm.core import candidates, choose
from actors.vlm.core.judging import Verdict, Wording, told, worded, worth
from actors.vlm.core.prices import prices_told
from actors.vlm.ports import Case, Judge, Judgement, Progress
from actors.vlm.settings import VlmSettings
from actors.vlm.store import Answers, Budget, Turns
from contracts.sight import Moment, Mood
from runtime.channels import Channels
from runtime.claims import Claims
from runtime.errors import Reject
from runtime.media import MediaStore

__all__ = ["WOULD_HELP", "LocalJudge", "ModelJudge", "open_judge"]

MOST_CANDIDATES = 20
WOULD_HELP = (
    "Moments were chosen on this machine alone. A model on top would judge them and write titles, hooks and tags: set "
    "CLIPWIRE_GEMINI_API_KEY or CLIPWIRE_GROQ_API_KEY, or name an openai or ollama model in CLIPWIRE_VLM_MODELS"
)


@asynccontextmanager
async def open_judge(
    settings: VlmSettings, media: MediaStore, claims: Claims, channels: Channels
) -> AsyncIterator[Judge]:
    """The judge that asks whoever is set up, or else nobody."""
    if not settings.models():
        yield LocalJudge(WOULD_HELP)
        return
    async with open_client() as http:
        panel = Panel(
            open_models(settings, http),
            Budget(claims),
            prices=prices_told(settings.vlm_prices),
            wait_s=settings.vlm_model_wait_s,
        )
        interview = Interview(panel, Answers(media), media, Photos(settings))
        yield ModelJudge(interview, channels=channels, turns=Turns(claims), limit=settings.vlm_budget_usd)


class LocalJudge:
    """The `Judge` that asks nobody, and says what would change that."""

    method = "local"

    def __init__(self, note: str) -> None:
        self._note = note

    async def judge(self, case: Case, progress: Progress) -> Judgement:
        """See `Judge.judge`."""
        moments = await asyncio.to_thread(choose, **_about(case))
        return Judgement(moments, (None,) * len(moments), notes=(self._note,))


class ModelJudge:
    """The `Judge` that asks the models of a panel."""

    def __init__(self, interview: Interview, *, channels: Channels, turns: Turns, limit: float | None = None) -> None:
        """`limit`: USD a day for channels that have no budget of their own; none: as much as it takes."""
        self._interview, self._channels, self._turns, self._limit = interview, channels, turns, limit

    @property
    def method(self) -> str:
        """See `Judge.method`."""
        return self._interview.method

    async def judge(self, case: Case, progress: Progress) -> Judgement:
        """See `Judge.judge`. Raises `Retry` while another process asks about the same clip."""
        sitting = Sitting(case, await self._purse(case.channel_id))
        async with self._turns.hold(case.clip.clip_id):
            return await self._judged(sitting, progress)

    async def _purse(self, channel_id: str) -> Purse:
        """Who pays. A channel that nobody made spends nothing; its clip is analysed all the same."""
        try:
            own = (await self._channels.get(channel_id)).model_budget_usd
        except Reject as error:
            return Purse(channel_id, 0.0, f"{error.what}, so its budget is not known")
        limit = self._limit if own is None else own
        return Purse(channel_id, limit, f"the channel {channel_id} may spend nothing on models" if limit == 0 else "")

    async def _judged(self, sitting: Sitting, progress: Progress) -> Judgement:
        """By the local score and the verdicts together; where there are none, by the first alone."""
        case = sitting.case
        await progress(1.0, "asking about the candidates")
        offered = await asyncio.to_thread(candidates, **_about(case), most=MOST_CANDIDATES)
        answers = await self._interview.asked(Verdict, offered, sitting) if offered else ()
        if not answers:
            chosen = await asyncio.to_thread(choose, **_about(case))
            return _judgement(sitting, chosen, [None] * len(chosen))
        verdicts = {(moment.start, moment.end): verdict for moment, verdict in zip(offered, answers, strict=True)}
        safe = {span: worth(verdict) for span, verdict in verdicts.items() if verdict.safe}
        if len(safe) < len(offered):
            sitting.left_out(len(offered) - len(safe), len(offered))
        chosen = await asyncio.to_thread(choose, **_about(case), judged=safe)
        which = [verdicts[moment.start, moment.end] for moment in chosen]
        moments = [told(moment, verdict, sitting.who) for moment, verdict in zip(chosen, which, strict=True)]
        if moments:
            await progress(1.0, "asking for titles")
            if wordings := await self._interview.asked(Wording, moments, sitting):
                moments = [worded(moment, wording) for moment, wording in zip(moments, wordings, strict=True)]
                return _judgement(sitting, moments, [wording.mood for wording in wordings])
        return _judgement(sitting, moments, [verdict.mood for verdict in which])


def _judgement(sitting: Sitting, moments: Sequence[Moment], moods: Sequence[Mood | None]) -> Judgement:
    notes = tuple(dict.fromkeys(sitting.notes))
    return Judgement(tuple(moments), tuple(moods), tuple(sitting.uses), notes, sitting.reason)


def _about(case: Case) -> dict[str, Any]:
    """What `candidates` and `choose` are given."""
    return {
        "sight": case.sight,
        "transcript": case.transcript,
        "duration": case.clip.duration,
        "wanted": case.wanted,
        "fewest": case.fewest,
        "title": case.clip.title,
    }
