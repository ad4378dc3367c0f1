"""What buttons and replies lead to, without a bot."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.ids import publication_id
from contracts.media import MediaRef
from contracts.renders import Recipe
from contracts.subjects import BY_NAME
from gateway.telegram.cards import Card, Failed, Order, Post, Short, Unsure, Video
from gateway.telegram.outcome import Who
from gateway.telegram.presses import press, reply
from runtime.envelope import parse_payload
from tests.telegram.test_texts import cards

WHO = Who("ada", datetime(2026, 11, 21, 12, 0, tzinfo=UTC), ZoneInfo("Europe/Berlin"))
RENDER = "r_" + "0" * 20
VERBS: tuple[str, ...] = ("approve", "reject", "again", "now", "next", "at", "vouch", "when", "other", "back", "look")
VERBS += ("there", "gone", "yes", "no")


def a_short(**more: Any) -> Short:
    video = MediaRef(uri="media://a/b.mp4", bytes=1, sha256="0" * 64, content_type="video/mp4")
    told: dict[str, Any] = {"state": "asked", "accounts": ("youtube:alice", "tiktok:bob"), **more}
    return Short(
        render_id=RENDER, clip_id="youtube:abcdefghijk", start=1, end=9, recipe=Recipe(), title="Bees",
        video=video, width=1, height=1, duration=8, **told,
    )  # fmt: skip


def bodies(orders: tuple[Order, ...]) -> list[dict[str, Any]]:
    return [parse_payload(BY_NAME[order.subject], order.body).model_dump(mode="json") for order in orders]


def test_publish_now_orders_it_on_every_account_that_was_asked_about() -> None:
    outcome = press(a_short(draft="The dance"), "now", "", WHO)
    assert [body["account_id"] for body in bodies(outcome.orders)] == ["youtube:alice", "tiktok:bob"]
    assert {body["title"] for body in bodies(outcome.orders)} == {"The dance"}
    assert {body["requested_by"] for body in bodies(outcome.orders)} == {"ada"}
    assert {body["publish_at"] for body in bodies(outcome.orders)} == {"2026-11-21T12:00:00Z"}
    assert not any(body["vouch"] for body in bodies(outcome.orders))
    assert outcome.card is not None
    assert press(outcome.card, "now", "", WHO).orders == (), "pressed twice, it is ordered once"


def test_where_the_rights_are_not_enough_somebody_has_to_vouch_first() -> None:
    first = press(a_short(vouch=True), "now", "", WHO)
    assert first.orders == ()
    assert isinstance(first.card, Short) and first.card.menu == "vouch"
    second = press(first.card, "vouch", "", WHO)
    assert all(body["vouch"] for body in bodies(second.orders))
    assert len(second.orders) == 2
    assert press(a_short(vouch=True), "vouch", "", WHO).orders == (), "nobody was asked"


def test_the_next_slot_is_left_to_the_schedule() -> None:
    assert {body["publish_at"] for body in bodies(press(a_short(), "next", "", WHO).orders)} == {None}


def test_buttons_of_times_are_of_the_persons_zone() -> None:
    def at(choice: str) -> str:
        return str(bodies(press(a_short(), "at", choice, WHO).orders)[0]["publish_at"])

    assert [at(choice) for choice in ("1h", "3h", "19", "9")] == [
        "2026-11-21T13:00:00Z",
        "2026-11-21T15:00:00Z",
        "2026-11-21T18:00:00Z",
        "2026-11-22T08:00:00Z",
    ]


def test_another_look_is_the_same_span_in_another_recipe() -> None:
    outcome = press(a_short(), "look", "fit", WHO)
    (body,) = bodies(outcome.orders)
    assert (body["clip_id"], body["start"], body["end"]) == ("youtube:abcdefghijk", 1, 9)
    assert body["recipe"]["framing"] == "fit"
    assert body["accounts"] == ["youtube:alice", "tiktok:bob"]
    named = press(a_short(recipes=(Recipe(name="tall", hook=True),)), "look", "r0", WHO)
    assert bodies(named.orders)[0]["recipe"]["name"] == "tall"
    assert press(a_short(), "look", "r7", WHO).orders == ()


def test_a_reply_is_a_time_or_a_title() -> None:
    assert bodies(reply(a_short(), "19:30", WHO).orders)[0]["publish_at"] == "2026-11-21T18:30:00Z"
    titled = reply(a_short(), "How  bees\nfind home", WHO)
    assert isinstance(titled.card, Short) and titled.card.draft == "How bees find home"
    assert reply(a_short(), "today 9:00", WHO).say == "say.past"
    assert isinstance(reply(a_short(), "title: 19:30", WHO).card, Short)


def test_the_title_of_what_is_planned_is_ordered_anew_at_the_same_time() -> None:
    at = datetime(2026, 11, 23, 8, tzinfo=UTC)
    ident = publication_id(RENDER, "youtube:alice")
    planned = a_short(state="sent", posts={ident: Post(account_id="youtube:alice", state="planned", at=at)})
    (body,) = bodies(reply(planned, "Another title", WHO).orders)
    assert (body["title"], body["publish_at"], body["account_id"]) == (
        "Another title", "2026-11-23T08:00:00Z", "youtube:alice",
    )  # fmt: skip
    out = a_short(state="sent", posts={ident: Post(account_id="youtube:alice", state="published", at=at)})
    assert reply(out, "Another title", WHO).say == "title.late"


def test_what_is_there_needs_its_address() -> None:
    card = Unsure(publication_id="p_1", render_id=RENDER, account_id="youtube:alice")
    asked = press(card, "there", "", WHO).card
    assert isinstance(asked, Unsure) and asked.state == "where"
    assert reply(asked, "it is there", WHO).say == "say.not_url"
    (body,) = bodies(reply(asked, " https://youtu.be/x ", WHO).orders)
    assert (body["outcome"], body["url"]) == ("there", "https://youtu.be/x")
    assert bodies(press(card, "gone", "", WHO).orders)[0]["outcome"] == "not_there"


def test_what_failed_is_tried_again_once_in_the_name_of_who_presses() -> None:
    again = Order(subject="publish.requested", body={"render_id": RENDER, "account_id": "youtube:alice"})
    outcome = press(Failed(entity="p_1", stage="publisher", what="w", advice="a", again=again), "again", "", WHO)
    assert bodies(outcome.orders)[0]["requested_by"] == "ada"
    assert outcome.card is not None
    assert press(outcome.card, "again", "", WHO).orders == ()


def test_a_video_is_decided_once() -> None:
    card = Video(candidate_id="youtube:abcdefghijk", channel_id="bees", niche="ai")
    outcome = press(card, "approve", "", WHO)
    (body,) = bodies(outcome.orders)
    assert (body["candidate_id"], body["channel_id"], body["approved_by"]) == ("youtube:abcdefghijk", "bees", "ada")
    assert outcome.card is not None
    assert press(outcome.card, "reject", "", WHO).orders == ()


@settings(max_examples=80, deadline=None)
@given(
    card=cards,
    verb=st.sampled_from(VERBS) | st.text(max_size=8),
    choice=st.text(max_size=20),
    text=st.text(max_size=400),
)
def test_no_button_and_no_reply_is_a_bug(card: Card, verb: str, choice: str, text: str) -> None:
    for outcome in (press(card, verb, choice, WHO), reply(card, text, WHO)):
        assert all(order.subject in BY_NAME and BY_NAME[order.subject].command for order in outcome.orders)
