"""The policies, as properties that hold for every channel and every event, and the texts that a person reads."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.producer.core import (
    Command,
    DeadEndError,
    after_analysis,
    after_ranking,
    after_render,
    rights_allow,
)
from contracts.events import ApprovalAsked, CandidateApproved, CandidateRejected, PublishRequested, RenderRequested
from contracts.media import Order, Rights
from contracts.publishing import PublishWish
from contracts.renders import Recipe
from contracts.sight import Direction, Moment
from contracts.style import LookUse
from contracts.subjects import PUBLISH_REQUESTED
from contracts.work import Channel, Rules
from tests.producer.examples import a_moment, analyzed, ranked, rendered

units = st.floats(0, 1)
statuses = st.sampled_from(["owned", "licensed", "permission", "unknown"])
accounts = st.sampled_from(["outbox:default", "outbox:b", "youtube:me", "tiktok:me", "peertube:me"])
rules = st.builds(
    Rules,
    approve_from=st.none() | units,
    approve_sources=st.lists(st.sampled_from(["folder", "youtube"]), unique=True).map(tuple),
    reject_below=units,
    rights=st.lists(st.sampled_from(["owned", "licensed", "permission", "any"]), unique=True).map(tuple),
    publish=st.sampled_from(["always", "ask"]),
)
channels = st.builds(
    Channel,
    rules=rules,
    clips=st.integers(1, 50),
    min_score=units,
    targets=st.lists(accounts, max_size=6).map(tuple),
)
rights = st.builds(Rights, status=statuses, vouched_by=st.none() | st.just("ada"))
moments = st.builds(a_moment, units, st.floats(0, 500), st.floats(0.5, 90))


@given(channels, units, st.sampled_from(["folder", "youtube"]))
def test_a_candidate_is_approved_rejected_or_asked_about_as_the_rules_say(
    channel: Channel, score: float, source: str
) -> None:
    (said,) = (command.data for command in after_ranking(channel, ranked(score, source=source)))
    limits = channel.rules
    listed = source in limits.approve_sources
    enough = limits.approve_from is not None and score >= limits.approve_from
    assert isinstance(said, CandidateApproved) == (listed or enough)
    if isinstance(said, CandidateRejected):
        assert score < limits.reject_below
    if isinstance(said, ApprovalAsked):
        assert not listed
        assert score >= limits.reject_below
        assert (said.yes, said.no) == ("candidate.approved", "candidate.rejected")


@given(channels, units, rights)
def test_a_decision_that_is_noted_in_a_claim_comes_back_the_same(
    channel: Channel, score: float, given_rights: Rights
) -> None:
    for command in (*after_ranking(channel, ranked(score)), *after_render(channel, rendered(given_rights))):
        assert Command.from_note(command.noted()) == command


@given(channels, st.lists(moments, max_size=12), st.none() | st.integers(1, 50))
def test_the_best_moments_are_rendered_and_never_more_than_asked_for(
    channel: Channel, found: list[Moment], ordered: int | None
) -> None:
    event = analyzed(*found, order=Order(clips=ordered))
    good = found if ordered else [moment for moment in found if moment.score >= channel.min_score]
    if not good:
        with pytest.raises(DeadEndError):
            after_analysis(channel, event)
        return
    requests: list[RenderRequested] = [command.data for command in after_analysis(channel, event)]
    assert 1 <= len(requests) <= (ordered or channel.clips)
    assert len({request.render_id for request in requests}) == len(requests)
    scores = {(moment.start, moment.end): 0.0 for moment in good}
    for moment in good:
        scores[(moment.start, moment.end)] = max(scores[(moment.start, moment.end)], moment.score)
    chosen = [scores[(request.start, request.end)] for request in requests]
    assert chosen == sorted(chosen, reverse=True)
    spans = {(round(moment.start * 1000), round(moment.end * 1000)) for moment in good}
    left = spans - {(round(request.start * 1000), round(request.end * 1000)) for request in requests}
    assert len(requests) == (ordered or channel.clips) or not left


@given(channels, rights)
def test_every_target_is_either_published_on_or_asked_about_and_never_both(
    channel: Channel, given_rights: Rights
) -> None:
    commands = after_render(channel, rendered(given_rights))
    published = [command.data.account_id for command in commands if isinstance(command.data, PublishRequested)]
    asked = [
        account for command in commands if isinstance(command.data, ApprovalAsked) for account in command.data.accounts
    ]
    assert sorted(published + asked) == sorted(set(channel.targets))
    assert sum(isinstance(command.data, ApprovalAsked) for command in commands) <= 1


@given(channels, units, rights)
def test_no_rule_says_anything_about_what_a_person_rejected(
    channel: Channel, score: float, given_rights: Rights
) -> None:
    assert not after_ranking(channel, ranked(score), rejected=True)
    assert not after_render(channel, rendered(given_rights), rejected=True)


@given(channels, rights)
def test_nothing_leaves_this_machine_by_itself_without_rights(channel: Channel, given_rights: Rights) -> None:
    for command in after_render(channel, rendered(given_rights)):
        if command.subject is PUBLISH_REQUESTED:
            assert channel.rules.publish == "always"
            local = command.data.account_id.startswith("outbox:")
            assert local or rights_allow(channel.rules, given_rights)


@given(st.text(max_size=2000))
def test_a_title_of_any_length_fits_the_order(title: str) -> None:
    (command,) = after_analysis(Channel(), analyzed(a_moment(0.5, title=title)))
    assert len(command.data.title) <= 300


def test_a_rejection_says_the_score_and_the_limit() -> None:
    (said,) = (command.data for command in after_ranking(Channel(), ranked(0.1234)))
    assert isinstance(said, CandidateRejected)
    assert "0.1234" in said.reason
    assert "0.15" in said.reason
    assert said.rejected_by == "rule:reject_below=0.15"


def test_a_question_says_between_which_limits_the_score_is() -> None:
    (said,) = (command.data for command in after_ranking(Channel(), ranked(0.3)))
    assert isinstance(said, ApprovalAsked)
    assert all(number in said.reason for number in ("0.3", "0.5", "0.15"))


def test_an_approval_names_its_rule_and_carries_the_niche() -> None:
    (said,) = (command.data for command in after_ranking(Channel(), ranked(0.01, source="folder")))
    assert isinstance(said, CandidateApproved)
    assert (said.approved_by, said.niche) == ("rule:approve_sources=folder", "ai tools")
    assert not said.vouch


def test_the_recipe_of_the_order_goes_before_the_one_of_the_channel() -> None:
    channel = Channel(recipes=(Recipe(), Recipe(name="square", width=1080, height=1080)))
    (command,) = after_analysis(channel, analyzed(a_moment(0.5), order=Order(recipe="square")))
    assert command.data.recipe.height == 1080


def test_an_unknown_recipe_is_answered_with_the_known_ones() -> None:
    channel = Channel(recipes=(Recipe(), Recipe(name="square")))
    with pytest.raises(DeadEndError, match="'round'") as end:
        after_analysis(channel, analyzed(a_moment(0.5), order=Order(recipe="round")))
    assert "default, square" in end.value.advice
    assert end.value.field == "order.recipe"


def test_no_moment_at_all_says_so_and_what_to_do() -> None:
    with pytest.raises(DeadEndError, match="youtube:abc") as end:
        after_analysis(Channel(), analyzed())
    assert "render.requested" in end.value.advice


def test_moments_below_the_channel_say_how_far_below_and_an_order_with_a_number_takes_them() -> None:
    channel = Channel(min_score=0.6)
    with pytest.raises(DeadEndError, match=r"0\.5.*0\.6"):
        after_analysis(channel, analyzed(a_moment(0.5)))
    assert len(after_analysis(channel, analyzed(a_moment(0.5), order=Order(clips=1)))) == 1


def test_a_clip_that_was_rejected_meanwhile_is_not_cut_unless_a_person_ordered_it() -> None:
    by_rule = analyzed(a_moment(0.5), order=Order(approved_by="rule:approve_from=0.5"))
    with pytest.raises(DeadEndError, match="youtube:abc was rejected") as end:
        after_analysis(Channel(), by_rule, rejected=True)
    assert "candidate.approved" in end.value.advice
    assert len(after_analysis(Channel(), analyzed(a_moment(0.5)), rejected=True)) == 1


def test_unknown_rights_are_published_locally_and_asked_about_elsewhere() -> None:
    channel = Channel(targets=("outbox:default", "youtube:me"))
    published, asked = after_render(channel, rendered())
    assert published.data.account_id == "outbox:default"
    assert asked.data.accounts == ("youtube:me",)
    assert "'unknown'" in asked.data.reason
    assert (asked.data.yes, asked.data.no) == ("publish.requested", "render.rejected")


def test_a_short_that_a_person_ordered_for_an_account_is_published_as_they_said() -> None:
    at = datetime(2026, 12, 24, 17, tzinfo=UTC)
    wish = PublishWish(description="My words", publish_at=at, vouch=True, requested_by="ada")
    done = rendered().model_copy(update={"accounts": ("youtube:me",), "publish": wish})
    for how in ("always", "ask"):
        (said,) = after_render(Channel(rules=Rules.model_validate({"publish": how})), done)
        assert isinstance(said.data, PublishRequested)
        assert (said.data.account_id, said.data.title) == ("youtube:me", None)  # the render's own
        assert (said.data.description, said.data.publish_at) == ("My words", at)
        assert (said.data.vouch, said.data.requested_by) == (True, "ada")


def test_what_a_rule_ordered_anew_is_decided_by_the_rules_of_now_and_keeps_its_words() -> None:
    wish = PublishWish(description="My words", vouch=True, requested_by="rule:publish=always")
    done = rendered().model_copy(update={"accounts": ("outbox:default", "youtube:me"), "publish": wish})
    published, asked = after_render(Channel(), done)
    assert (published.data.requested_by, published.data.vouch) == ("rule:publish=always", False)
    assert published.data.description == "My words"
    assert asked.data.accounts == ("youtube:me",)


def test_a_person_who_vouched_settles_the_rights() -> None:
    channel = Channel(targets=("youtube:me",))
    (command,) = after_render(channel, rendered(Rights(vouched_by="ada")))
    assert isinstance(command.data, PublishRequested)


def test_a_directed_recipe_takes_over_what_the_mood_suggests_where_it_names_nothing() -> None:
    direction = Direction(
        mood="calm", looks=(LookUse(name="warm"),), caption_style="pop", caption_color="#96f2d7", music="calm"
    )
    moment = a_moment(0.9, direction=direction)
    own = Recipe(directed=True, looks=(LookUse(name="noir"),), caption_style="paper")

    def ordered(recipe: Recipe) -> Recipe:
        (command,) = after_analysis(Channel(recipes=(recipe,)), analyzed(moment))
        made: Recipe = command.data.recipe
        return made

    suggested = ordered(Recipe(directed=True))
    assert (suggested.looks, suggested.caption_style, suggested.caption_color) == (direction.looks, "pop", "#96f2d7")
    assert (ordered(own).looks, ordered(own).caption_style) == (own.looks, "paper")
    assert ordered(Recipe()) == Recipe()
    assert ordered(Recipe(directed=True)) != ordered(Recipe(directed=True, caption_color="#ffffff"))
