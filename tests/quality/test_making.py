"""The talks before they are filmed: what is said in them, and that the two halves share nothing."""

from __future__ import annotations

from collections import Counter

import pytest

from tools.quality.making.kinds import KINDS
from tools.quality.making.script import HALF, script_of
from tools.quality.making.texts import Topic, topics

SEEDS = range(2 * HALF)


def test_there_are_forty_talks_and_every_kind_is_once_in_either_half() -> None:
    halves = Counter((script.half, script.kind.name) for script in map(script_of, SEEDS))
    assert len(SEEDS) >= 40
    assert halves == Counter({(half, kind.name): 1 for half in ("tuned", "held") for kind in KINDS})


def test_what_is_held_out_is_about_nothing_that_may_be_looked_at() -> None:
    tuned, held = topics("tuned"), topics("held")
    assert {topic.name for topic in tuned}.isdisjoint(topic.name for topic in held)
    assert {topic.language for topic in tuned} == {topic.language for topic in held}
    assert {text for topic in tuned for moment in topic.moments for text in moment}.isdisjoint(
        text for topic in held for moment in topic.moments for text in moment
    )


def test_a_seed_always_gives_the_same_talk_and_another_seed_another_one() -> None:
    assert script_of(3) == script_of(3)
    assert len({script_of(seed).lines for seed in SEEDS}) == len(SEEDS)


@pytest.mark.parametrize("topic", [*topics("tuned"), *topics("held")], ids=lambda topic: topic.name)
def test_a_moment_is_a_story_of_a_few_sentences(topic: Topic) -> None:
    for moment in topic.moments:
        assert 4 <= len(moment) <= 6
        assert 35 <= sum(len(text.split()) for text in moment) <= 75


@pytest.mark.parametrize("seed", SEEDS)
def test_planted_moments_are_whole_and_stand_between_plain_sentences(seed: int) -> None:
    lines = script_of(seed).lines
    roles = [line.role for line in lines]
    assert (roles[0], roles[-1]) == ("filler", "filler")
    assert roles.count("hook") == roles.count("payoff") >= 1
    for number in {line.moment for line in lines if line.moment is not None}:
        own = [index for index, line in enumerate(lines) if line.moment == number]
        assert own == list(range(own[0], own[-1] + 1))
        assert (roles[own[0]], roles[own[-1]]) == ("hook", "payoff")
        assert lines[own[0] - 1].moment is None
    assert {"filler", "distractor"} <= set(roles)
