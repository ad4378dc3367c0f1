"""A small part of the set, made and analysed with the same gates as all of it: `make quality`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.quality.making.talk import made
from tools.quality.measures import measured
from tools.quality.report import lines, missed
from tools.quality.running import outcome

SEEDS = {"two who take turns": 12, "dissolves": 17}


@pytest.mark.parametrize("seed", SEEDS.values(), ids=SEEDS)
def test_a_short_talk_reaches_the_aims(seed: int, tmp_path: Path) -> None:
    talk = made(seed, tmp_path, short=True)
    results = [measured(talk.truth, outcome(talk, wanted=2))]
    assert missed(results) == [], "\n".join(lines(results))
