"""What models cost: told where it is known, held to the channel's budget, and never paid twice."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from actors.vlm.core.prices import VIDEO_TOKENS
from actors.vlm.ports import Judgement
from actors.vlm.store import Budget
from runtime.bus import Bus
from runtime.claims import Claim, Claims
from runtime.errors import Unavailable
from runtime.kv import NatsClaims
from runtime.media import FileMediaStore
from runtime.tasks import end
from tests.support.claims import MemoryClaims
from tests.vlm.judged import a_case, judging, quiet
from tests.vlm.model_server import Asked, Said, Server, good, serving, settings_for

ANSWER_USD = (900 * 0.15 + 100 * 0.60) / 1e6
"""What one answer of the server costs at the price of this model."""


async def judged(server: Server, media: FileMediaStore, provider: str, **more: Any) -> Judgement:
    budget, claims = more.pop("budget", None), more.pop("claims", None)
    async with judging(settings_for(server, provider, **more), media, budget=budget, claims=claims) as judge:
        return await judge.judge(a_case(), quiet)


async def test_a_known_price_makes_a_cost_and_it_is_written_down(media: FileMediaStore) -> None:
    claims = MemoryClaims()
    with serving(good) as server:
        judgement = await judged(server, media, "groq", claims=claims)
    assert [use.cost_usd for use in judgement.models] == [pytest.approx(ANSWER_USD)] * 2
    claim = await claims.get(f"model-budget/default/{datetime.now(UTC):%Y-%m-%d}")
    assert claim is not None
    assert claim.data == {"spent": pytest.approx(2 * ANSWER_USD), "reserved": {}}


async def test_an_unknown_price_makes_no_cost(media: FileMediaStore) -> None:
    with serving(good) as server:
        judgement = await judged(server, media, "openai")
    assert [use.cost_usd for use in judgement.models] == [None, None]


async def test_a_model_of_ones_own_costs_nothing(media: FileMediaStore) -> None:
    with serving(good) as server:
        judgement = await judged(server, media, "ollama", budget=0.01)
    assert [use.cost_usd for use in judgement.models] == [0.0, 0.0]


async def test_a_repair_is_paid_for_as_well(media: FileMediaStore) -> None:
    with serving(lambda asked: good(asked) if asked.repairs else Said("no")) as server:
        judgement = await judged(server, media, "groq")
    assert judgement.models[0].cost_usd == pytest.approx(2 * ANSWER_USD)


async def test_what_was_refused_costs_nothing_and_what_was_lost_stays_reserved(media: FileMediaStore) -> None:
    claims = MemoryClaims()
    with serving(lambda asked: Said(status=403, error="no")) as server:
        await judged(server, media, "groq", claims=claims)
    assert await Budget(claims).spent("default") == 0.0
    with serving(lambda asked: Said(hang=True)) as server:
        await judged(server, media, "groq", claims=claims, vlm_model_timeout_s=0.2)
    assert await Budget(claims).spent("default") > 0.0


async def test_what_an_answer_cost_is_not_told_where_one_before_it_was_lost(media: FileMediaStore) -> None:
    claims = MemoryClaims()
    models = "groq:openai/gpt-oss-120b,openai:second"

    def answer(asked: Asked) -> Said:
        return Said("no", cut=5) if asked.provider == "groq" and asked.stage == "questions" else good(asked)

    with serving(answer) as server:
        settings = settings_for(server, "groq", "openai", vlm_models=models, vlm_prices="openai:second=1/2")
        async with judging(settings, media, claims=claims) as judge:
            judgement = await judge.judge(a_case(), quiet)
    questions, wording = judgement.models
    assert (questions.provider, questions.cost_usd) == ("openai", None)
    assert wording.cost_usd == pytest.approx(ANSWER_USD)
    assert await Budget(claims).spent("default") > (900 + 200) / 1e6 + ANSWER_USD


class Stubborn(MemoryClaims):
    """Claims that take reservations and refuse everything after."""

    async def advance(self, claim: Claim, step: str, *, owner: str | None = None, **data: Any) -> Claim:
        if step == "spending" and (not data["reserved"] or data["spent"]):
            raise Unavailable("the bucket claims does not answer")
        return await super().advance(claim, step, owner=owner, **data)


async def test_an_answer_that_was_paid_for_is_kept_though_the_budget_cannot_be_settled(media: FileMediaStore) -> None:
    claims = Stubborn()
    with serving(good) as server:
        judgement = await judged(server, media, "groq", claims=claims)
        assert [use.failure for use in judgement.models] == [None, None]
        assert await Budget(claims).spent("default") > 2 * ANSWER_USD
        await judged(server, media, "groq", claims=claims)
    assert len(server.asked) == 2


@pytest.mark.parametrize("provider", ["gemini", "groq", "openai"])
async def test_tokens_that_are_not_told_are_no_cost_of_nothing_and_stay_reserved(
    media: FileMediaStore, provider: str
) -> None:
    claims = MemoryClaims()
    prices = "openai:first=1/2"
    with serving(lambda asked: replace(good(asked), counts=False)) as server:
        judgement = await judged(server, media, provider, claims=claims, vlm_prices=prices)
    assert [(use.cost_usd, use.failure) for use in judgement.models] == [(None, None)] * 2
    assert await Budget(claims).spent("default") > 0.0


async def test_a_model_of_ones_own_costs_nothing_whatever_it_counts(media: FileMediaStore) -> None:
    with serving(lambda asked: replace(good(asked), counts=False)) as server:
        judgement = await judged(server, media, "ollama")
    assert [use.cost_usd for use in judgement.models] == [0.0, 0.0]


async def test_an_answer_that_groq_found_unfit_stays_reserved(media: FileMediaStore) -> None:
    claims = MemoryClaims()
    unfit = Said(status=400, error="no JSON", code="json_validate_failed", failed_generation="{")
    with serving(lambda asked: good(asked) if asked.repairs or asked.stage == "wording" else unfit) as server:
        judgement = await judged(server, media, "groq", claims=claims)
    assert [use.cost_usd for use in judgement.models] == [None, pytest.approx(ANSWER_USD)]
    assert await Budget(claims).spent("default") > 2.5 * ANSWER_USD


async def test_a_repair_reserves_nothing_for_the_video_that_it_is_not_sent(media: FileMediaStore) -> None:
    async with media.writing(a_case().clip.media.uri, "video/mp4") as draft:
        draft.path.write_bytes(b"video")
    claims, held = MemoryClaims(), []

    def answer(asked: Asked) -> Said:
        held.append(asyncio.run(Budget(claims).spent("default")))
        return Said("no")

    with serving(answer) as server:
        await judged(server, media, "gemini", claims=claims, gemini_video=True)
    paid = (900 * 0.75 + 100 * 3.75) / 1e6
    assert held[0] - (held[1] - paid) > 0.75 * 0.9 * 200 * VIDEO_TOKENS / 1e6


async def test_a_channel_that_nobody_made_spends_nothing_and_its_clip_is_judged_here(media: FileMediaStore) -> None:
    with serving(good) as server:
        async with judging(settings_for(server, "groq"), media) as judge:
            judgement = await judge.judge(a_case(channel_id="nobodys"), quiet)
    assert server.asked == []
    assert len(judgement.moments) >= 4
    assert judgement.models[0].failure == "there is no channel 'nobodys', so its budget is not known"


async def test_beyond_the_budget_the_local_answer_is_used_and_the_event_says_so(media: FileMediaStore) -> None:
    with serving(good) as server:
        judgement = await judged(server, media, "groq", budget=0.0001)
    assert server.asked == []
    (use,) = judgement.models
    assert use.failure is not None
    assert "the channel default may spend 0.0001 USD a day on models, 0.0000 are spent" in use.failure
    assert len(judgement.moments) >= 4


async def test_a_channel_with_a_budget_of_nothing_asks_nobody_not_even_for_nothing(media: FileMediaStore) -> None:
    with serving(good) as server:
        judgement = await judged(server, media, "ollama", budget=0, vlm_budget_usd=1.0)
    assert server.asked == []
    assert judgement.models[0].failure == "the channel default may spend nothing on models"


async def test_a_channel_that_says_nothing_has_the_budget_of_the_settings(media: FileMediaStore) -> None:
    with serving(good) as server:
        judgement = await judged(server, media, "groq", vlm_budget_usd=0.0001)
        assert server.asked == []
        assert "may spend 0.0001 USD a day" in (judgement.models[0].failure or "")
        await judged(server, media, "groq", vlm_budget_usd=0.0001, budget=1.0)
    assert len(server.asked) == 2


async def test_a_model_without_a_price_is_not_asked_within_a_budget_until_it_is_told(media: FileMediaStore) -> None:
    with serving(good) as server:
        first = await judged(server, media, "openai", budget=1.0)
        assert server.asked == []
        assert "CLIPWIRE_VLM_PRICES as openai:first=input/output" in (first.models[0].failure or "")
        then = await judged(server, media, "openai", budget=1.0, vlm_prices="openai:first=1/2")
    assert [use.cost_usd for use in then.models] == [pytest.approx((900 + 200) / 1e6)] * 2


async def test_a_cheaper_model_is_asked_where_the_first_is_too_dear(media: FileMediaStore) -> None:
    prices = "groq:openai/gpt-oss-120b=900/900"
    with serving(good) as server:
        judgement = await judged(server, media, "groq", budget=0.5, vlm_prices=prices)
    assert [use.model for use in judgement.models] == ["openai/gpt-oss-20b"] * 2


async def test_the_same_clip_again_is_not_paid_for_again(media: FileMediaStore) -> None:
    claims = MemoryClaims()
    with serving(good) as server:
        first = await judged(server, media, "groq", claims=claims)
        spent = await Budget(claims).spent("default")
        second = await judged(server, media, "groq", claims=claims)
    assert len(server.asked) == 2
    assert await Budget(claims).spent("default") == spent
    assert first == second


async def test_what_two_models_said_in_turn_is_not_paid_for_again(media: FileMediaStore) -> None:
    """The first one answers the questions and is busy from then on; the second one words the moments."""
    claims = MemoryClaims()
    limit = Said(status=429, error="slow down", code="rate_limit_exceeded", headers={"retry-after": "3600"})
    models = "groq:openai/gpt-oss-120b,openai:second"
    prices = "openai:second=1/2"

    def answer(asked: Asked) -> Said:
        return limit if asked.provider == "groq" and asked.stage == "wording" else good(asked)

    with serving(answer) as server:
        settings = settings_for(server, "groq", "openai", vlm_models=models, vlm_prices=prices)
        async with judging(settings, media, claims=claims) as judge:
            first = await judge.judge(a_case(), quiet)
        asked, spent = len(server.asked), await Budget(claims).spent("default")
        async with judging(settings, media, claims=claims) as judge:
            second = await judge.judge(a_case(), quiet)
    assert [use.provider for use in first.models] == ["groq", "openai"]
    assert {moment.judged_by for moment in first.moments} == {"groq:openai/gpt-oss-120b"}
    assert (second.moments, second.models) == (first.moments, first.models)
    assert (len(server.asked), await Budget(claims).spent("default")) == (asked, spent)
    assert spent == pytest.approx(sum(use.cost_usd or 0.0 for use in first.models))


async def test_after_a_kill_between_the_stages_only_the_second_is_asked(media: FileMediaStore) -> None:
    """What the first process was told lies in the media store; it died before it wrote the analysis."""

    arrived = threading.Event()

    def dies(asked: Asked) -> Said:
        if asked.stage == "questions":
            return good(asked)
        arrived.set()
        return Said(hang=True)

    with serving(dies) as server:
        first = asyncio.create_task(judged(server, media, "groq", vlm_model_timeout_s=30.0))
        await asyncio.to_thread(arrived.wait, 20)
        await end(first)
        assert [asked.stage for asked in server.asked] == ["questions", "wording"]
    with serving(good) as server:
        judgement = await judged(server, media, "groq", vlm_model_timeout_s=30.0)
    assert [asked.stage for asked in server.asked] == ["wording"]
    assert [use.failure for use in judgement.models] == [None, None]


async def test_the_day_of_a_budget_is_that_of_utc_and_what_was_set_aside_before_midnight_stays_there() -> None:
    times = [datetime(2026, 11, 22, 23, 50, tzinfo=UTC)]
    budget = Budget(MemoryClaims(), clock=lambda: times[-1])
    held = await budget.reserve("default", 0.06, 0.1)
    assert held is not None
    times.append(datetime(2026, 11, 23, 0, 55, tzinfo=timezone(timedelta(hours=1))))
    assert await budget.reserve("default", 0.06, 0.1) is None
    times.append(datetime(2026, 11, 23, 0, 0, tzinfo=UTC))
    assert await budget.reserve("default", 0.06, 0.1) is not None
    await budget.settle(held, 0.02)
    assert await budget.spent("default") == pytest.approx(0.06)


async def spend(claims: Claims, times: int, limit: float) -> int:
    """How often 0.01 USD were set aside and spent."""
    budget, done = Budget(claims), 0
    for _ in range(times):
        held = await budget.reserve("default", 0.01, limit)
        if held is not None:
            await budget.settle(held, 0.01)
            done += 1
    return done


async def test_several_processes_together_stay_within_the_budget(bus: Bus) -> None:
    workers = [spend(NatsClaims(bus.js), 10, 0.10001) for _ in range(4)]
    assert sum(await asyncio.gather(*workers)) == 10
    assert await Budget(NatsClaims(bus.js)).spent("default") == pytest.approx(0.10)


async def test_what_a_killed_process_had_reserved_stays_spent(bus: Bus) -> None:
    assert await Budget(NatsClaims(bus.js)).reserve("default", 0.06, 0.1) is not None
    assert await Budget(NatsClaims(bus.js)).reserve("default", 0.06, 0.1) is None
    assert await Budget(NatsClaims(bus.js)).reserve("another", 0.06, 0.1) is not None
