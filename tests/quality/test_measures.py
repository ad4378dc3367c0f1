"""What the measures notice: an outcome that is as the truth has no fault, and each fault is counted as what it is."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

import pytest

from actors.vlm.ports import Sight
from contracts.media import Stretch, Transcript, Word
from contracts.sight import Framing, FramingPoint, Moment, Person, PersonPoint, Shot
from tools.quality.counts import Measured
from tools.quality.making.truth import Captions, Face, Faces, Planted, Said, Span, Truth
from tools.quality.measures import measured
from tools.quality.report import lines, missed, page
from tools.quality.running import Outcome

Half = Literal["tuned", "held"]
CUTS = (10.0, 24.0, 40.0)
PLANTED = Planted(start=20.1, landed=36.0, end=38.0, by=("question",))


def at(x: float, person: int = 0) -> Face:
    return Face(person=person, x=x - 0.05, y=0.3, width=0.1, height=0.2)


def a_truth(
    *,
    faces: Sequence[Faces] = (),
    captions: Captions | None = None,
    soft: tuple[Span, ...] = (),
    half: Half = "tuned",
) -> Truth:
    """A minute in which somebody says a word a second, of 0.6 s each."""
    words = tuple(Said(text=f"w{n}", start=n + 0.1, end=n + 0.7, speaker=n // 30) for n in range(60))
    return Truth(
        name="00 test",
        seed=0,
        half=half,
        kind="lecture",
        title="A test",
        language="en",
        duration=60.0,
        fps=25,
        width=640,
        height=360,
        sound=True,
        words=words,
        moments=(PLANTED,),
        sentences=tuple((n + 0.1, n + 4.7) for n in range(0, 60, 5)),
        cuts=CUTS,
        soft=soft,
        decoys=(Span(kind="flash", start=50.0, end=50.08),),
        sounds=(),
        faces=tuple(faces) or tuple(Faces(t=n / 5, seen=(at(0.3),)) for n in range(300)),
        captions=captions,
    )


def said(
    *,
    cuts: Sequence[float] = CUTS,
    spans: Sequence[tuple[float, float]] = ((20.0, 38.0), (0.0, 15.8)),
    framing: Framing | None = None,
    people: tuple[Person, ...] = (),
    transcript: Transcript | None = None,
) -> Outcome:
    edges = [0.0, *cuts, 60.0]
    sight = Sight(
        made_from="0" * 64,
        method="test",
        duration=60.0,
        shots=tuple(Shot(start=a, end=b, brightness=0.5, motion=0.1) for a, b in pairwise(edges)),
        framing=framing or path((0.0, 0.3), (60.0, 0.3)),
        people=people,
    )
    moments = tuple(Moment(start=a, end=b, score=0.5, reason="It is good.") for a, b in spans)
    return Outcome(transcript, None, sight, moments, seconds=2.0, processor=3.0)


def path(*points: tuple[float, float]) -> Framing:
    return Framing(mode="track", points=tuple(FramingPoint(t=t, x=x, y=0.4) for t, x in points))


def heard(*, late: float = 0.0, shift: float = 0.0) -> Transcript:
    words = tuple(Word(text=f"w{n}", start=n + 0.1 + late, end=n + 0.7 + late) for n in range(58))
    return Transcript(clip_id="file:a", method="captions:srt", timing="word", words=words, sentences=(), shift=shift)


def test_what_is_as_the_truth_has_no_fault() -> None:
    found = measured(a_truth(), said())
    assert (found.cuts_found, found.cuts_missed, found.cuts_wrong) == (3, 0, 0)
    assert (found.found, found.planted, found.in_word, found.kept, found.faces) == (1, 1, 0, 300, 300)
    assert (found.reversals, found.failures) == (0, [])


def test_cuts_that_are_missed_wrong_or_in_a_flash_are_told() -> None:
    found = measured(a_truth(), said(cuts=(10.08, 24.3, 50.04)))
    assert (found.cuts_found, found.cuts_missed, found.cuts_wrong) == (1, 2, 2)
    assert "cut: none at 50.04 (flash)" in found.failures


def test_a_cut_within_a_dissolve_is_neither_right_nor_wrong() -> None:
    soft = (Span(kind="dissolve", start=30.0, end=30.8),)
    found = measured(a_truth(soft=soft), said(cuts=(10.0, 24.0, 30.5, 40.0)))
    assert (found.cuts_found, found.cuts_wrong) == (3, 0)


def test_two_cuts_at_one_true_cut_are_one_too_many() -> None:
    found = measured(a_truth(), said(cuts=(10.0, 10.08, 24.0, 40.0)))
    assert (found.cuts_found, found.cuts_wrong) == (3, 1)


@pytest.mark.parametrize(("edge", "faults"), [(38.0, 0), (38.13, 0), (38.4, 1), (38.68, 0), (38.9, 0)])
def test_a_boundary_within_a_word_is_counted(edge: float, faults: int) -> None:
    assert measured(a_truth(), said(spans=[(20.0, edge)])).in_word == faults


@pytest.mark.parametrize(
    ("span", "found"),
    [
        ((20.0, 38.0), True),
        ((18.0, 45.0), True),
        ((20.6, 36.0), True),
        ((21.0, 38.0), False),  # without its hook
        ((20.0, 35.0), False),  # without its pay-off
        ((2.0, 50.0), False),  # mostly something else
    ],
)
def test_a_moment_is_found_with_hook_and_payoff_and_little_else(span: tuple[float, float], found: bool) -> None:
    assert bool(measured(a_truth(), said(spans=[span])).found) is found


def test_a_moment_without_its_hook_is_overlapped_all_the_same() -> None:
    found = measured(a_truth(), said(spans=[(23.0, 38.0)]))
    assert (found.found, found.overlapped) == (0, 1)


def test_a_moment_behind_the_first_four_is_not_found() -> None:
    others = [(40.0, 45.0), (45.0, 50.0), (50.0, 55.0), (0.0, 10.0)]
    found = measured(a_truth(), said(spans=[*others, (20.0, 38.0)]))
    assert found.found == 0
    assert any("nearest is number 5" in failure for failure in found.failures)


def test_a_face_beside_the_crop_is_lost() -> None:
    found = measured(a_truth(), said(framing=path((0.0, 0.3), (20.0, 0.3), (24.0, 0.7), (60.0, 0.7))))
    assert found.kept == pytest.approx(105, abs=6)
    assert [failure for failure in found.failures if failure.startswith("face: outside")]


def test_without_a_path_the_middle_is_shown() -> None:
    assert measured(a_truth(), said(framing=Framing())).kept == 0
    middle = [Faces(t=n / 5, seen=(at(0.5),)) for n in range(300)]
    assert measured(a_truth(faces=middle), said(framing=Framing())).kept == 300


def test_who_speaks_must_be_shown_and_not_who_listens() -> None:
    both = [Faces(t=n / 5, seen=(at(0.25, 0), at(0.75, 1))) for n in range(300)]
    turned = path((0.0, 0.25), (29.9, 0.25), (30.1, 0.75), (60.0, 0.75))
    assert measured(a_truth(faces=both), said(framing=turned)).kept == pytest.approx(300, abs=5)
    assert measured(a_truth(faces=both), said(framing=path((0.0, 0.25), (60.0, 0.25)))).kept == pytest.approx(
        155, abs=3
    )


def test_a_split_picture_shows_both_and_a_fitted_one_all() -> None:
    both = [Faces(t=n / 5, seen=(at(0.25, 0), at(0.75, 1))) for n in range(300)]
    split = path((0.0, 0.25)).model_copy(update={"mode": "split", "second": path((0.0, 0.75)).points})
    assert measured(a_truth(faces=both), said(framing=split)).kept == 300
    fitted = measured(a_truth(faces=both), said(framing=Framing(mode="fit")))
    assert (fitted.kept, fitted.fitted) == (300, 300)


def test_a_path_that_goes_to_and_fro_has_reversals_and_a_jump_at_a_cut_has_none() -> None:
    swaying = path(*((t, 0.3 + 0.05 * (t // 5 % 2)) for t in range(0, 60, 5)))
    assert measured(a_truth(), said(framing=swaying)).reversals == 10
    jumping = path((0.0, 0.3), (23.99, 0.3), (24.0, 0.6), (39.99, 0.6), (40.0, 0.3))
    cut = jumping.model_copy(update={"cuts": CUTS})
    assert measured(a_truth(), said(framing=cut)).reversals == 0


def a_person(ident: str, x: float, *speaking: tuple[float, float]) -> Person:
    points = tuple(PersonPoint(t=t, x=x - 0.05, y=0.3, width=0.1, height=0.2) for t in (0.0, 60.0))
    return Person(id=ident, points=points, speaking=tuple(Stretch(start=a, end=b) for a, b in speaking))


def test_the_right_speaker_is_the_one_whose_words_they_are() -> None:
    both = [Faces(t=n / 5, seen=(at(0.25, 0), at(0.75, 1))) for n in range(300)]
    truth = a_truth(faces=both)
    right = measured(truth, said(people=(a_person("a", 0.25, (0, 30)), a_person("b", 0.75, (30, 60)))))
    assert right.turns == right.turns_right > 100
    swapped = measured(truth, said(people=(a_person("a", 0.25, (30, 60)), a_person("b", 0.75, (0, 30)))))
    assert swapped.turns_right == 0
    everybody = measured(truth, said(people=(a_person("a", 0.25, (0, 60)), a_person("b", 0.75, (0, 60)))))
    assert everybody.turns_right == 0
    assert measured(truth, said()).turns_unknown == right.turns


def test_shifted_captions_are_right_when_they_were_moved_back() -> None:
    truth = a_truth(captions=Captions(file="a.srt", format="srt", late=2.0))
    moved = measured(truth, said(transcript=heard(shift=-1.9)))
    assert moved.shift_error == pytest.approx(0.1)
    assert max(moved.word_errors) == 0
    left = measured(truth, said(transcript=heard(late=2.0)))
    assert left.shift_error == 2.0
    assert min(left.word_errors) == pytest.approx(2.0)


def test_captions_that_were_refused_or_taken_wrongly_are_counted() -> None:
    own, foreign = (Captions(file="a.srt", format="srt", foreign=other) for other in (False, True))
    assert measured(a_truth(captions=own), said()).refused == 1
    assert measured(a_truth(captions=own), said(transcript=heard())).refused == 0
    assert measured(a_truth(captions=foreign), said()).accepted == 0
    assert measured(a_truth(captions=foreign), said(transcript=heard())).accepted == 1


def test_aims_that_are_missed_are_named_with_their_value() -> None:
    assert missed([measured(a_truth(), said(transcript=heard()))]) == []
    poor = measured(a_truth(), said(cuts=(), spans=[(0.0, 8.0)], transcript=heard()))
    assert missed([poor])[0].startswith("cuts: F1: 0.000")
    assert any(line.startswith("planted moments") for line in missed([poor]))


def test_what_fails_in_the_held_out_half_is_counted_and_not_told() -> None:
    def told(half: Half) -> str:
        return "\n".join(lines([measured(a_truth(half=half), said(cuts=(5.0,)))]))

    assert "cut: none at 5.00" in told("tuned")
    assert "cut: none at 5.00" not in told("held")


def test_the_page_has_both_halves_and_every_talk() -> None:
    talks: list[Measured] = [measured(a_truth(half=half), said()) for half in ("tuned", "held")]
    text = page(talks, "abc1234")
    assert "| | 0 to 19 | 20 to 39 | all | aim |" in text
    assert text.count("| 00 test |") == 2
    assert "of commit abc1234" in text
