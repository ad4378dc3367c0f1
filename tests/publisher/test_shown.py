"""What people read of what they typed: names and addresses as they are, secrets never, nothing that cannot be seen."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.publisher.adapters.accounts.answers import AccountAnswers
from actors.publisher.core.limits import Hashtags, Limits, Text
from actors.publisher.core.words import plain, worded
from actors.publisher.ports import Api, Tokens, secrets_of
from contracts import asks
from contracts.publishing import Wording
from contracts.subjects import PUBLISH_DONE, PUBLISH_REQUESTED
from runtime.errors import Reject
from tests.publisher.account_bench import REDIRECT, account_bench
from tests.publisher.oauth_server import OAuthServer
from tests.publisher.support import Bench, a_render, request
from tests.publisher.tube import Garden, PasswordGrant
from tests.support.work import deliver


class Quoting(PasswordGrant):
    """A login that is refused in words that quote all that was typed in."""

    async def tokens(self, api: Api, given: Mapping[str, str], *, verifier: str, redirect_uri: str) -> Tokens:
        raise Reject(f"{given['handle']} is not let in with {given['password']} and {verifier}")


async def test_a_refused_login_names_the_address_and_the_person_and_no_secret(
    database_url: str, tmp_path: Path
) -> None:
    server = OAuthServer()
    with server.running():
        async with account_bench(database_url, tmp_path / "home", server) as bench:
            garden = Garden(server.url)
            garden.grant = Quoting(server.url)
            answers = AccountAnswers({"garden": garden}, bench.accounts, bench.client)
            given = {"handle": "https://garden.example/alice", "password": "open-sesame-1"}
            asked = {"platform": "garden", "given": given, "redirect_uri": REDIRECT}
            with pytest.raises(Reject) as refused:
                await answers.connect(asks.Connect.model_validate(asked))
    assert refused.value.what == "https://garden.example/alice is not let in with ••• and •••"


def test_of_tokens_everything_is_secret_but_what_names_the_account() -> None:
    more = {"base_url": "https://a.example", "client_secret": "one", "anything_else": "two", "chat": "@channel"}
    assert set(secrets_of(Tokens(access="three", refresh="four", more=more))) == {"one", "two", "three", "four"}


unseen = st.text(st.characters(exclude_categories=()) | st.sampled_from("\x00\x1b\r\n\t\x7f\x85\u2028\ud800\ufffe"))


@given(unseen)
def test_nothing_that_cannot_be_seen_is_left_in_a_text(text: str) -> None:
    shown = plain(text)
    assert not [letter for letter in shown if unicodedata.category(letter) in {"Cc", "Cs"} and letter != "\n"]
    assert shown.encode().decode() == shown == plain(shown)


def test_what_can_be_seen_stays_as_it_is() -> None:
    text = "naïve 日本語 👩\u200d👩\u200d👧\u200d👦 می\u200cخواهم\n\nline"  # what joins and parts stays
    assert plain(text) == text
    assert plain("one\r\ntwo\rthree\tfour\u2028five") == "one\ntwo\nthree four\nfive"


LIMITS = [
    Limits(source="test", description=Text(200), title=Text(40)),
    Limits(source="test", description=Text(200, "utf16"), hashtags=Hashtags(3, place="field")),
]


@pytest.mark.parametrize("limits", LIMITS)
async def test_neither_title_nor_description_of_a_post_has_control_characters(limits: Limits, tmp_path: Path) -> None:
    bad = "a\x00b\x1b[31m\r\nc\x9b\u2029d"
    bench = Bench(tmp_path)
    render = await a_render(bench.media, title=bad)
    render = render.model_copy(update={"description": bad, "tags": (bad,)})
    wording = Wording(title="{title}\x07", description="{description}\x07{channel}")
    words = worded(render, request(render), wording, limits, channel=bad)
    assert not {"\x00", "\x1b", "\x07", "\x9b", "\r", "\u2029"} & set(
        words.title + words.description + "".join(words.tags)
    )
    assert words.title == "ab[31m c d"


async def test_what_is_said_of_a_publication_has_none_either(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    render = await a_render(bench.media, title="A \x1b[31mshort\x07")
    work = await deliver(bench.publisher(), PUBLISH_REQUESTED, request(render, description="One\x00\r\ntwo"))
    (done,) = work.of(PUBLISH_DONE)
    assert done.publication.title == "A [31mshort"
    assert done.publication.description.startswith("One\ntwo")
