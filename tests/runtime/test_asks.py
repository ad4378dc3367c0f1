"""Questions between processes: answers, refusals, and nobody who answers."""

from __future__ import annotations

import asyncio
import signal

import pytest

from contracts.asks import (
    ACCOUNTS,
    CALLBACK,
    REMOVE,
    TELEGRAM_SHOWN,
    Accounts,
    Callback,
    Connection,
    Nothing,
    Remove,
    Removed,
    WhichUser,
)
from runtime.bus import Bus, open_bus
from runtime.embed import NatsServer
from runtime.errors import Reject, Retry, Unavailable
from tests.support.running import stored, until

WHO = Remove(account_id="tube:me")


async def _removed(which: Remove) -> Removed:
    return Removed(account_id=which.account_id, revoked=True, note="gone")


async def test_who_asks_is_answered_and_nothing_of_it_is_kept(bus: Bus) -> None:
    async with bus.answering({REMOVE: _removed}):
        assert await bus.ask(REMOVE, WHO) == Removed(account_id="tube:me", revoked=True, note="gone")
    assert await stored(bus) == []


async def test_without_anybody_who_answers_it_is_said_at_once_how_to_start_one(bus: Bus) -> None:
    with pytest.raises(Unavailable, match="no publisher runs") as told:
        await bus.ask(ACCOUNTS, Nothing(), within=20)
    assert "clipwire up publisher" in told.value.advice


async def test_without_the_bots_door_it_is_said_which_setting_makes_it_run(bus: Bus) -> None:
    with pytest.raises(Unavailable, match="no telegram runs") as told:
        await bus.ask(TELEGRAM_SHOWN, WhichUser(), within=20)
    assert "set CLIPWIRE_TELEGRAM_API_KEY" in told.value.advice
    assert "with all the others" not in told.value.advice


async def test_one_of_several_processes_answers(bus: Bus, nats_url: str) -> None:
    asked: list[str] = []

    async def answer(_: Nothing) -> Accounts:
        asked.append("x")
        return Accounts(accounts=())

    answers = {ACCOUNTS: answer}
    async with open_bus(nats_url, name="other") as other, bus.answering(answers), other.answering(answers):
        for _ in range(10):
            await bus.ask(ACCOUNTS, Nothing())
    assert len(asked) == 10


async def test_a_refusal_arrives_with_its_advice_and_field(bus: Bus) -> None:
    async def never(_: Remove) -> Removed:
        raise Reject("there is no such account", advice="See the list", field="account_id")

    async with bus.answering({REMOVE: never}):
        with pytest.raises(Reject) as told:
            await bus.ask(REMOVE, WHO)
    assert (told.value.what, told.value.advice, told.value.field) == (
        "there is no such account",
        "See the list",
        "account_id",
    )


async def test_what_may_work_later_arrives_with_its_time(bus: Bus) -> None:
    async def later(_: Remove) -> Removed:
        raise Retry("the platform is busy", after=7.0)

    async with bus.answering({REMOVE: later}):
        with pytest.raises(Retry) as told:
            await bus.ask(REMOVE, WHO)
    assert told.value.after == 7.0


async def test_a_question_that_fits_no_contract_is_answered_without_its_values(bus: Bus) -> None:
    async with bus.answering({REMOVE: _removed}):
        message = await bus.client.request(REMOVE.subject, b'{"account_id": "the secret"}', timeout=5)
    assert b"account_id" in message.data
    assert b"the secret" not in message.data


@pytest.mark.errors_expected
async def test_a_bug_is_answered_too_and_its_words_stay_out_of_answer_and_log(
    bus: Bus, caplog: pytest.LogCaptureFixture
) -> None:
    async def bug(asked: Callback) -> Connection:
        raise KeyError(asked.query["code"].get_secret_value())

    async with bus.answering({CALLBACK: bug}):
        with pytest.raises(Reject, match="a bug of the publisher"):
            await bus.ask(CALLBACK, Callback.model_validate({"platform": "tube", "query": {"code": "s3cret"}}))
    assert "ask.failed" in caplog.text
    assert "s3cret" not in caplog.text


async def test_secrets_of_a_question_are_not_printed() -> None:
    asked = Callback.model_validate({"platform": "tube", "query": {"code": "s3cret"}})
    assert "s3cret" not in repr(asked) + str(asked)
    assert "s3cret" in asked.model_dump_json()


async def test_a_slow_answer_holds_up_no_other(bus: Bus) -> None:
    go = asyncio.Event()

    async def slow(which: Remove) -> Removed:
        if which.account_id == "tube:slow":
            await go.wait()
        return await _removed(which)

    async with bus.answering({REMOVE: slow}):
        waiting = asyncio.create_task(bus.ask(REMOVE, Remove(account_id="tube:slow")))
        assert (await bus.ask(REMOVE, WHO)).revoked
        assert not waiting.done()
        go.set()
        assert (await waiting).account_id == "tube:slow"


async def test_an_answer_that_does_not_come_in_time_is_unavailable(bus: Bus) -> None:
    async def never(_: Remove) -> Removed:
        await asyncio.Event().wait()
        raise AssertionError

    async with bus.answering({REMOVE: never}):
        with pytest.raises(Unavailable, match=r"within 0\.2 s"):
            await bus.ask(REMOVE, WHO, within=0.2)


async def test_answers_go_on_after_the_server_was_away(bus: Bus, nats_server: NatsServer) -> None:
    async with bus.answering({REMOVE: _removed}):
        await nats_server.stop(signal.SIGKILL)
        await nats_server.start()

        async def answered() -> bool:
            try:
                return (await bus.ask(REMOVE, WHO, within=2)).revoked
            except Unavailable:
                return False

        await until(answered)
