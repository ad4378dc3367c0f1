"""Which moments are chosen from talks as people give them: where they start and end, and what is said of them."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from actors.vlm.core import candidates, choose
from contracts.sight import Moment
from tests.vlm.scripts import INTERVIEW, LECTURE, SCRIPTS
from tests.vlm.talks import Talk, told


def chosen(talk: Talk, wanted: int = 4) -> tuple[Moment, ...]:
    return choose(talk.sight, talk.transcript, duration=talk.duration, wanted=wanted, title="A talk")


def lines(talk: Talk, moment: Moment) -> tuple[str, str]:
    return talk.first_line(moment.start), talk.last_line(moment.end)


def part(moment: Moment, name: str) -> float | None:
    return next(part.value for part in moment.parts if part.name == name)


# Whole talks


@pytest.mark.parametrize("language", SCRIPTS)
def test_the_best_moment_of_a_talk_in_nine_languages_is_the_one_a_listener_would_tell(language: str) -> None:
    script, first, last = SCRIPTS[language]
    talk = told(script, language)
    best = chosen(talk, 1)[0]
    assert lines(talk, best) == (first.replace("\u00a0", " "), last)
    assert best.title.rstrip("?") in best.text.replace("\u00a0", " ") or best.title in best.text


@pytest.mark.parametrize("language", SCRIPTS)
def test_the_language_is_told_by_its_words_where_the_transcript_does_not_say_it(language: str) -> None:
    script, first, last = SCRIPTS[language]
    talk = told(script, None)
    assert lines(talk, chosen(talk, 1)[0]) == (first.replace("\u00a0", " "), last)


def test_an_interview_is_cut_from_question_to_answer_and_heard_out() -> None:
    talk = told(INTERVIEW, "en")
    assert [lines(talk, moment) for moment in chosen(talk, 3)][:3] == [
        (
            "What is the biggest mistake that beginners make?",
            "Imagine somebody lifting off your roof every morning to see whether you are happy.",
        ),
        (
            "Do bees recognise the person who keeps them?",
            "Beekeepers who slam the lid get stung twice as often, and nobody can tell me that this is a coincidence.",
        ),
        ("How did forty thousand bees end up on an opera house?", "It was four years before anybody noticed."),
    ]


def test_a_lecture_gives_its_story_its_list_and_its_claim_whole() -> None:
    talk = told(LECTURE, "en")
    assert {lines(talk, moment) for moment in chosen(talk, 3)} == {
        ("My grandmother had her own method.", "She lent money to all of us."),
        (
            "There are three things you can do tonight to remember more of this lecture.",
            "Third, sleep, because a night without sleep costs you forty percent of what you learned.",
        ),
        ("Most people believe that memory works like a camera.", "There was no broken glass in the film."),
    }


def test_the_reason_is_a_sentence_a_person_can_read() -> None:
    talk = told(INTERVIEW, "en")
    best = chosen(talk, 3)[0]
    assert best.reason == (
        "Opens with a question, is louder than most of the clip, tells something that is said nowhere else in it, and "
        "ends on a laugh; 15 s, the speaker is in view."
    )
    assert best.hook == best.title == "What is the biggest mistake that beginners make?"


# Standing alone

ROUND = """
A: The harbour of our town was built by a woman who could not swim.
She drew the plans at night and hid them in a piano.
(pause 0.4)
A: {line}
The piano is still there, and children play on it in summer.
Every year in May the mayor opens the lid and looks inside.
Nobody has found anything since the war, but the newspaper always sends a photographer.
The photographer always plays one song.
"""


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("en", "He never saw the plans."),
        ("en", "Because of the war it took nine years."),
        ("en", "So the town forgot about them."),
        ("en", "That was the end of the project."),
        ("en", "When they came back, the piano was gone."),
        ("en", "Second, the piano was too heavy."),
        ("en", "And then she sold the house."),
        ("de", "Er hat die Pläne nie gesehen."),
        ("de", "Deshalb dauerte der Bau neun Jahre."),
        ("de", "Als sie zurückkam, war das Klavier fort."),
        ("fr", "Il n'a jamais vu les plans."),
        ("fr", "C'est pourquoi la ville a attendu."),
        ("es", "Por eso la ciudad esperó nueve años."),
        ("pt", "Ela escondeu tudo no piano."),
        ("it", "Questo durò nove anni."),
        ("ru", "Поэтому город ждал девять лет."),
        ("ja", "彼はその図面を見ませんでした。"),
        ("zh", "所以这座城市等了九年。"),
    ],
)
def test_no_moment_starts_with_a_sentence_that_points_back(language: str, line: str) -> None:
    talk = told(ROUND.format(line=line), language)
    every = candidates(talk.sight, talk.transcript, duration=talk.duration, wanted=1, title="")
    assert every
    assert line not in {talk.first_line(moment.start) for moment in every}


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("en", "This year the piano was tuned."),
        ("en", "These days nobody remembers the swimmers."),
        ("en", "So why did she hide the plans?"),
        ("en", "The Second World War stopped everything."),
        ("de", "Dieses Jahr wurde das Klavier gestimmt."),
        ("fr", "Il y a des gens qui dorment dans ce piano."),
        ("es", "Este año afinaron el piano."),
        ("zh", "今年大家修好了那架钢琴。"),
    ],
)
def test_what_only_looks_as_if_it_pointed_back_may_start_a_moment(language: str, line: str) -> None:
    talk = told(ROUND.format(line=line), language)
    every = candidates(talk.sight, talk.transcript, duration=talk.duration, wanted=1, title="")
    starts = {talk.first_line(moment.start) for moment in every}
    assert line in starts or not starts & {"The piano is still there, and children play on it in summer."}


def test_greetings_and_questions_about_the_hall_open_nothing() -> None:
    lines_ = (
        "Good morning.",
        "Can you hear me at the back?",
        "Are there any questions so far?",
        "Thank you for coming.",
    )
    script = "\n".join(
        f"A: {line}\nThe harbour was built by a woman who could not swim.\nMy aunt drew the plans in a piano.\n"
        "Every year in May the mayor lifts the lid and reads them aloud.\nNobody listens to the mayor.\n(pause 1.2)"
        for line in lines_
    )
    talk = told(script, "en")
    assert not {talk.first_line(moment.start) for moment in chosen(talk, 3)[:3]} & set(lines_)


def test_a_quotation_is_never_torn_apart() -> None:
    talk = told(LECTURE, "en")
    every = candidates(talk.sight, talk.transcript, duration=talk.duration, wanted=4, title="", most=40)
    assert every
    for moment in every:
        assert lines(talk, moment)[0] != 'Whoever wants to forget one must lend it money."'
        assert not lines(talk, moment)[1].endswith("must give it a face.")


def test_moments_do_not_end_on_a_question_that_is_answered_behind_them() -> None:
    talk = told(INTERVIEW, "en")
    every = candidates(talk.sight, talk.transcript, duration=talk.duration, wanted=4, title="", most=40)
    assert every
    assert not any(moment.text.endswith("?") for moment in every)


# Borders


def test_a_laugh_that_belongs_to_the_end_is_heard_out() -> None:
    talk = told(INTERVIEW, "en")
    for moment in chosen(talk, 3):
        for sound in talk.sight.sounds:
            assert not sound.start < moment.end < sound.end - 0.1, (moment.start, moment.end, sound)


def test_there_is_a_little_air_before_the_first_word_and_after_the_last() -> None:
    talk = told(LECTURE, "en")
    for moment in chosen(talk, 3):
        inside = [word for word in talk.transcript.words if moment.start <= word.start < moment.end]
        assert 0.05 <= inside[0].start - moment.start <= 0.8
        assert moment.end - inside[-1].end >= 0.05


def test_a_cut_just_before_the_first_word_is_the_start_and_one_just_behind_the_last_word_the_end() -> None:
    script = (
        SCRIPTS["de"][0]
        .replace("        A: Warum", "        (cut)\n        A: Warum")
        .replace("        (pause 1)\n        A: Die", "        (pause 1)\n        (cut)\n        A: Die")
        .replace("        (laughter 2)\n", "")
    )
    talk = told(script, "de")
    best = chosen(talk, 1)[0]
    cuts = [shot.start for shot in talk.sight.shots[1:]]
    assert best.start == pytest.approx(cuts[0], abs=0.002)


def test_a_fade_that_begins_with_the_end_is_seen_to_its_end() -> None:
    script = SCRIPTS["it"][0].replace(
        "        (laughter 2)\n        (pause 1)\n", "        (fade 1.4)\n        (pause 1)\n"
    )
    talk = told(script, "it")
    (fade,) = talk.sight.fades
    assert chosen(talk, 1)[0].end == pytest.approx(fade.end, abs=0.002)


def test_automatic_captions_without_any_mark_are_cut_at_pauses_and_not_behind_small_words() -> None:
    script = "\n".join(
        f"A: {text}\n(pause 0.4)"
        for text in (
            "did you know that an octopus has nine brains",
            "every arm thinks on its own and the one in the middle only makes",
            "suggestions that the arms may follow or not",
            "in a small aquarium in new zealand an octopus climbed out of its tank at night",
            "it found the pipe that leads to the sea and was never seen again",
            "the keeper said that the tank had been too boring",
            "he left the lid open for the",
            "other one but it stayed where it was",
        )
    )
    talk = told(script, None)
    best = chosen(talk, 1)[0]
    assert talk.first_line(best.start) == "did you know that an octopus has nine brains"
    assert not best.text.endswith(" the")
    assert part(best, "question") == 1


# Scores


def test_every_part_says_why_and_the_weights_are_one() -> None:
    talk = told(INTERVIEW, "en")
    for moment in chosen(talk):
        assert sum(part.weight for part in moment.parts) == pytest.approx(1, abs=0.001)
        assert sum((part.value or 0) * part.weight for part in moment.parts) == pytest.approx(moment.score, abs=0.002)
        assert all(part.why for part in moment.parts)
        assert {"question", "rise", "pace", "landing", "completeness", "reaction", "speaker"} <= {
            part.name for part in moment.parts
        }


def test_a_part_is_absent_where_the_clip_has_not_what_it_needs() -> None:
    talk = told(LECTURE.replace("(laughter 3)\n", ""), "en", face=False)
    bare = talk.sight.model_copy(update={"loudness": (), "faces": (), "motion": ()})
    (best, *_) = choose(bare, talk.transcript, duration=talk.duration, wanted=2, title="A talk")
    absent = {part.name for part in best.parts if part.value is None}
    assert absent == {"rise", "energy", "face", "speaker", "motion", "reaction"}
    assert all(part.weight == 0 for part in best.parts if part.value is None)


def test_an_unknown_language_is_judged_without_lists_of_words() -> None:
    talk = told("\n".join(f"A: Blorp zint kravalo mestu numiro {n}.\nVinto kras moluno." for n in range(30)), "tlh")
    found = chosen(talk, 2)
    assert found
    assert part(found[0], "contrast") is None


# Judgements


def test_candidates_are_more_than_are_chosen_best_first_and_different() -> None:
    talk = told(INTERVIEW + LECTURE, "en")
    about: dict[str, Any] = {"duration": talk.duration, "title": "A talk", "wanted": 4}
    every = candidates(talk.sight, talk.transcript, **about, most=16)
    best = choose(talk.sight, talk.transcript, **about)
    assert len(best) < len(every) <= 16
    spans = [(moment.start, moment.end) for moment in every]
    assert {(moment.start, moment.end) for moment in best} <= set(spans)
    assert [moment.score for moment in every] == sorted((moment.score for moment in every), reverse=True)
    for a, b in itertools.combinations(spans, 2):
        shared = min(a[1], b[1]) - max(a[0], b[0])
        assert shared <= 0.5 * min(a[1] - a[0], b[1] - b[0]) + 0.01


def test_a_judgement_counts_for_half_and_is_a_part_of_the_score() -> None:
    talk = told(INTERVIEW + LECTURE, "en")
    every = candidates(talk.sight, talk.transcript, duration=talk.duration, wanted=2, title="")
    favourite = every[-1]
    judged = {(moment.start, moment.end): 0.1 for moment in every} | {(favourite.start, favourite.end): 1.0}
    best = choose(talk.sight, talk.transcript, duration=talk.duration, wanted=2, title="", judged=judged)
    assert (best[0].start, best[0].end) == (favourite.start, favourite.end)
    assert best[0].score == pytest.approx(favourite.score / 2 + 0.5, abs=0.002)
    assert part(best[0], "judgement") == 1.0
    assert sum(part.weight for part in best[0].parts) == pytest.approx(1, abs=0.001)
