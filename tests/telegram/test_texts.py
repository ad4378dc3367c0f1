"""Every text in every language, and every message within what Telegram takes."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.media import MediaRef
from contracts.renders import Recipe
from gateway.telegram.cards import Ask, Card, Failed, Line, Note, Order, Post, Scan, Short, Unsure, Video, card_from
from gateway.telegram.content import CAPTION, TEXT, Press, fitted, units
from gateway.telegram.faces import Reader, face
from gateway.telegram.fleet import COMMANDS
from gateway.telegram.words import LANGUAGES, language_for, words_in
from tests.telegram.server import checked_buttons, parsed

NOW = datetime(2026, 11, 21, 22, 30, tzinfo=UTC)
SHA = "0" * 64
_NAMES = re.compile(r"\{(\w+)\}")
texts = st.text(max_size=60) | st.text(max_size=20).map(lambda text: text * 70)
short = st.text(max_size=40)
moments = st.floats(0, 4e9).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
accounts = st.sampled_from(["youtube:alice", "outbox:default", "mastodon:" + "x" * 200])
posts = st.builds(
    Post,
    account_id=accounts,
    state=st.sampled_from(["asked", "planned", "published", "failed", "unconfirmed", "replaced"]),
    at=st.none() | moments,
    url=texts | st.just("https://example.org/a"),
    note=texts,
)
cards: st.SearchStrategy[Card] = st.one_of(
    st.builds(
        Scan,
        scan_id=short,
        niche=texts,
        found=st.none() | st.integers(0, 10**9),
        sources=st.lists(
            st.tuples(short, st.sampled_from(["ok", "not_configured", "failed", "timeout"]), st.integers(0), texts),
            max_size=40,
        ).map(tuple),
        failed=short,
    ),
    st.builds(
        Video,
        candidate_id=st.just("youtube:abcdefghijk"),
        title=texts,
        url=texts | st.just("https://example.org/v?a=b&c=<d>"),
        author=texts,
        duration=st.none() | st.floats(0, 1e6),
        views=st.none() | st.integers(0, 10**12),
        score=st.none() | st.floats(0, 1),
        reason=texts,
        state=st.sampled_from(
            ["asked", "sent", "approved", "downloaded", "transcribed", "analyzed", "rejected", "failed"]
        ),
        by=texts,
        note=texts,
        progress=st.none() | st.floats(0, 1),
        shorts=st.dictionaries(short, st.sampled_from(["ordered", "made", "failed"]), max_size=5),
        menu=st.sampled_from(["", "vouch"]),
    ),
    st.builds(
        Short,
        render_id=st.just("r_" + "0" * 20),
        clip_id=st.just("youtube:abcdefghijk"),
        start=st.just(1.0),
        end=st.just(2.0),
        recipe=st.just(Recipe()),
        title=texts,
        draft=texts,
        video=st.just(MediaRef(uri="media://a/b.mp4", bytes=1, sha256=SHA, content_type="video/mp4")),
        width=st.just(1),
        height=st.just(1),
        duration=st.floats(0, 1e4),
        score=st.none() | st.floats(0, 1),
        why=texts,
        reason=texts,
        accounts=st.lists(accounts, max_size=30).map(tuple),
        state=st.sampled_from(["made", "asked", "sent", "rejected"]),
        by=texts,
        posts=st.dictionaries(short, posts, max_size=20),
        menu=st.sampled_from(["", "when", "look", "vouch"]),
        slots=st.booleans(),
        recipes=st.lists(st.builds(Recipe, name=st.just("tall")), max_size=4).map(tuple),
        again=short | st.just("fit"),
    ),
    st.builds(
        Failed,
        entity=short,
        stage=short | st.just("renderer"),
        what=texts,
        advice=texts,
        title=texts,
        again=st.none() | st.just(Order(subject="publish.requested", body={})),
        sent=st.booleans(),
    ),
    st.builds(
        Unsure,
        publication_id=short,
        render_id=st.just("r_" + "0" * 20),
        account_id=accounts,
        title=texts,
        reason=texts,
        advice=texts,
        state=st.sampled_from(["open", "where", "there", "again", "done"]),
        url=texts,
    ),
    st.builds(
        Ask,
        question=st.builds(Line, key=st.just("ask.scan"), values=st.fixed_dictionaries({"niche": texts})),
        does=st.just(Order(subject="discovery.requested", body={})),
        state=st.sampled_from(["open", "yes", "no"]),
    ),
    st.builds(
        Note,
        lines=st.lists(
            st.builds(Line, key=st.just("queue.item"), values=st.fixed_dictionaries({"title": texts})), min_size=1
        ).map(tuple),
        buttons=st.lists(st.tuples(st.just("1"), st.just("again"), st.just("0")), max_size=12).map(tuple),
    ),
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_same_texts_with_the_same_names_in_them(language: str) -> None:
    ours, english = words_in(language).texts, words_in("en").texts
    assert ours.keys() == english.keys()
    for key, text in ours.items():
        assert sorted(set(_NAMES.findall(text))) == sorted(set(_NAMES.findall(english[key]))), key
        assert text.strip(), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_markup_that_telegram_takes(language: str) -> None:
    words = words_in(language)
    for key, text in words.texts.items():
        filled = words(key, **dict.fromkeys(_NAMES.findall(text), "<b>&\"'"))
        assert parsed(filled, TEXT, key)


@pytest.mark.parametrize("language", LANGUAGES)
def test_labels_descriptions_and_popups_are_plain_and_short(language: str) -> None:
    words = words_in(language)
    for key, text in words.texts.items():
        family = key.partition(".")[0]
        if family in {"button", "command", "look", "stage"}:
            assert "<" not in text and len(text) <= 60, key
    assert {f"command.{name}" for name in COMMANDS} <= words.texts.keys()


@settings(max_examples=60, deadline=None)
@given(card=cards, language=st.sampled_from(LANGUAGES))
def test_every_card_is_a_message_that_telegram_takes(card: Card, language: str) -> None:
    content = face(card, Reader(words_in(language), ZoneInfo("Europe/Berlin"), NOW))
    limit = CAPTION if content.video else TEXT
    html = content.text(limit)
    assert units(html) <= limit
    assert parsed(html, limit, "empty")
    markup = content.markup(2**62)
    checked_buttons(markup.model_dump_json(exclude_none=True) if markup else None)
    assert content.digest() == face(card, Reader(words_in(language), ZoneInfo("Europe/Berlin"), NOW)).digest()


@settings(max_examples=30, deadline=None)
@given(card=cards)
def test_a_card_is_read_as_it_was_kept(card: Card) -> None:
    kept = card.model_dump(mode="json", exclude_defaults=True) | {"kind": card.kind}
    assert card_from(kept) == card


@given(lines=st.lists(st.text(max_size=200).map(lambda text: text.replace("<", "").replace("&", "")), min_size=1))
def test_a_text_has_as_many_whole_lines_as_there_is_room_for(lines: list[str]) -> None:
    assert units(fitted(lines, 300)) <= 300


@given(data=st.text(max_size=64))
def test_no_callback_data_is_a_bug(data: str) -> None:
    try:
        pressed = Press.unpack(data)
    except (TypeError, ValueError):
        return
    assert isinstance(pressed.card, int)


def test_the_language_is_that_of_the_persons_telegram_where_it_is_known() -> None:
    told: dict[str | None, Any] = {"de-AT": "de", "ru": "ru", "en-GB": "en", "fr": "en", None: "en", "": "en"}
    assert {code: language_for(code, "en") for code in told} == told
