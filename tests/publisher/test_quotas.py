"""The platforms' own quotas: what is over them goes out at the first moment that they allow, and says why."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.publisher.adapters.calendar import LedgerCalendar
from actors.publisher.adapters.platforms.mastodon import Mastodon, MastodonSettings
from actors.publisher.adapters.platforms.pinterest import Pinterest, PinterestSettings
from actors.publisher.adapters.platforms.telegram import Telegram, TelegramSettings
from actors.publisher.adapters.platforms.youtube import YouTube, YouTubeSettings
from actors.publisher.core.ledger import APART, Asked, Placed, place
from actors.publisher.core.limits import Quota
from actors.publisher.core.slots import Booking, Diary
from actors.publisher.ports import Place, Platform
from contracts.events import PublishRequested
from contracts.publishing import Account
from contracts.work import Channel
from tests.publisher.rules import broken_quotas
from tests.publisher.support import START, Bench

MIDNIGHT = datetime(2026, 11, 22, tzinfo=ZoneInfo("America/Los_Angeles"))
HALF_AN_HOUR, DAY = timedelta(minutes=30), timedelta(days=1)


def mastodon() -> Platform:
    return Mastodon(MastodonSettings(_env_file=None))


def telegram() -> Platform:
    return Telegram(TelegramSettings(_env_file=None))


def pinterest(*, trial: bool) -> Platform:
    return Pinterest(PinterestSettings(_env_file=None, pinterest_trial=trial))


def youtube(*, captions: bool = True, units: int = 10_000) -> Platform:
    return YouTube(YouTubeSettings(_env_file=None, youtube_captions=captions, youtube_units=units))


async def placed(folder: Path, platform: Platform, count: int, accounts: int = 1) -> list[Place]:
    """The places of so many posts that are all asked for now, on accounts in turn."""
    bench, found = Bench(folder), []
    calendar = LedgerCalendar(bench.claims, clock=bench.clock, grace=120)
    for n in range(count):
        name = f"{platform.name}:a{n % accounts}"
        request = PublishRequested(render_id=f"r_{n:020x}", account_id=name)
        account = Account(account_id=name, platform=platform.name, title=name, connected_at=START)
        found.append(await calendar.place(request, Channel(), platform.limits, account))
    return found


CASES = [
    (mastodon(), 30, 1, START + HALF_AN_HOUR, "mastodon takes at most 30 posts in 30 min on one account; "),
    (telegram(), 20, 1, START + APART, "telegram takes at most 20 posts in 1 min on one account; "),
    (
        pinterest(trial=False),
        50,
        1,
        START + APART,
        "pinterest takes at most 50 posts in 1 min on one account (each takes 2 of 100 requests that write); ",
    ),
    (
        pinterest(trial=True),
        150,
        2,
        START + DAY,
        "pinterest takes at most 150 posts in 24 h of all accounts together "
        "(each takes 2 of 300 requests that write); ",
    ),
    (
        youtube(),
        20,
        2,
        MIDNIGHT,
        "youtube takes at most 20 posts a day (America/Los_Angeles) of all accounts together "
        "(each takes 500 of 10,000 units of the Data API); ",
    ),
    (
        youtube(captions=False),
        100,
        2,
        MIDNIGHT,
        "youtube takes at most 100 posts a day (America/Los_Angeles) of all accounts together; ",
    ),
    (youtube(units=20_000), 40, 1, MIDNIGHT, "youtube takes at most 40 posts a day"),
]


@pytest.mark.parametrize(("platform", "most", "accounts", "then", "why"), CASES)
async def test_the_first_post_over_the_quota_waits_for_it_and_says_which_one_it_is(
    platform: Platform, most: int, accounts: int, then: datetime, why: str, tmp_path: Path
) -> None:
    places = await placed(tmp_path, platform, most + 1, accounts)
    assert all(place.ready and place.at == START for place in places[:-1])
    last = places[-1]
    assert (last.ready, last.at) == (False, then)
    assert last.note is not None and last.note.startswith(why)


async def test_what_one_account_has_sent_does_not_hold_up_another(tmp_path: Path) -> None:
    assert all(place.ready for place in await placed(tmp_path, mastodon(), 60, accounts=2))


units = st.builds(
    lambda each, more, window, scope, zone: Quota(each + more, window, scope, zone, each, "units"),
    st.integers(1, 7),
    st.integers(0, 20),
    st.sampled_from([timedelta(hours=1), timedelta(hours=24)]),
    st.sampled_from(["account", "project"]),
    st.sampled_from([None, "America/Los_Angeles"]),
)


@given(st.lists(units, max_size=2), st.lists(st.sampled_from(["x:a", "x:b"]), max_size=12))
def test_no_quota_of_units_is_broken_however_much_a_post_takes(quotas: list[Quota], accounts: list[str]) -> None:
    ledger: list[Booking] = []
    for account in accounts:
        diary = Diary(ledger, account_id=account, quotas=quotas, since=START)
        found = place(Asked(account, None, None, None, timedelta(seconds=120)), None, diary, START)
        assert isinstance(found, Placed)
        ledger.append(found.booking)
    assert broken_quotas(quotas, ledger) == set()


def test_a_post_that_takes_more_than_all_of_a_quota_goes_out_alone() -> None:
    assert Quota(300, each=500).posts == 1
