"""What the models of a panel are asked about a clip, one stage after the other, and what came of it.

Each answer is validated; one that does not fit is sent back once with its fault.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, TypeVar

from actors.vlm.adapters.judging.panel import NoAnswer, Panel, Purse
from actors.vlm.adapters.judging.prompts import prompt
from actors.vlm.core.judging import AnswerError, Verdict, Wording, material, read, said_before, schema_of, whereabouts
from actors.vlm.core.portraits import portraits
from actors.vlm.ports import Ask, Case, Footage, Photographer
from actors.vlm.store import Answer, Answers
from contracts.ids import digest
from contracts.media import Clip
from contracts.sight import ModelUse, Moment
from runtime.errors import Reject, Retry
from runtime.media import MediaStore

__all__ = ["Interview", "Sitting"]

MOST_PICTURES = 16
_STAGES = {Verdict: "questions", Wording: "wording"}
_TOKENS = {Verdict: (1000, 120), Wording: (1000, 400)}
"""Tokens that an answer may have: for thinking, and for each candidate."""
_REPEATED = 4000
"""Characters of an answer that are sent back with its fault."""

A = TypeVar("A", Verdict, Wording)


@dataclass
class Sitting:
    """One clip before the models: what was asked of whom, and what came of it."""

    case: Case
    purse: Purse
    who: str = ""
    uses: list[ModelUse] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    reason: str | None = None

    def left_out(self, count: int, of: int) -> None:
        """So many of the candidates are not safe; where that is all of them, there are no moments."""
        if count == of:
            self.reason = f"{self.who} says that no moment of {self.case.clip.clip_id} is for a general audience"
        self.notes.append(
            f"{count} of {of} candidates were left out: {self.who} says that they are not for a general audience"
        )


class Interview:
    """Asks the models of a panel."""

    def __init__(self, panel: Panel, answers: Answers, media: MediaStore, photographer: Photographer) -> None:
        self._panel, self._answers, self._media, self._photographer = panel, answers, media, photographer

    @property
    def method(self) -> str:
        """Who is asked, and with which prompts."""
        return " ".join([*self._panel.names, *(prompt(stage).name for stage in _STAGES.values())])

    async def asked(self, kind: type[A], moments: Sequence[Moment], sitting: Sitting) -> tuple[A, ...]:
        """One answer for each moment; none at all if there is no answer that fits, after one repair."""
        ask = _ask(kind, moments, sitting.case)
        answers: list[Answer] = []
        failure = None
        try:
            answers.append(await self._answer(ask, moments, sitting))
            try:
                return _read(kind, answers[0], len(moments))
            except AnswerError as error:
                answers.append(await self._repaired(ask, answers[0], error, sitting))
                return _read(kind, answers[1], len(moments))
        except AnswerError as error:
            failure = f"the answer could not be used, nor the one that should repair it: {error}"
        except NoAnswer as error:
            failure = str(error)
            answers = answers or [Answer(provider=error.provider, model=error.model, text="")]
        finally:
            if answers:
                sitting.uses.append(_use(kind, answers, failure))
        return ()

    async def _answer(self, ask: Ask, moments: Sequence[Moment], sitting: Sitting) -> Answer:
        """The answer to `ask`, one that was paid for before if there is one.

        Pictures go with the questions; with the wording only where nothing is said that could be worded.
        """
        case = sitting.case
        if sitting.purse.closed:
            provider, _, model = self._panel.names[0].partition(":")
            raise NoAnswer([sitting.purse.closed], provider, model)
        most = self._panel.pictures(MOST_PICTURES) if ask.name == "questions" or not ask.blind else 0
        shown = portraits(case.sight, moments, most)
        watched = self._panel.watches and (ask.name == "questions" or not ask.blind)
        asked = self._digest(ask, case, shown, watched)
        known = await self._answers.known(case.clip.clip_id, asked)
        if known is None:
            ask = await self._with_video(ask, moments, case.clip) if watched else ask
            ask = await self._with_pictures(ask, shown, sitting)
            keep = partial(self._answers.keep, case.clip.clip_id, asked)
            known, tried = await self._panel.ask(ask, sitting.purse, keep)
            sitting.notes += [f"Another model was asked because one gave no answer: {text}" for text in tried]
        sitting.who = f"{known.provider}:{known.model}"
        return known

    async def _repaired(self, ask: Ask, first: Answer, fault: AnswerError, sitting: Sitting) -> Answer:
        """What the same model says when it is told what is wrong with its answer."""
        clip_id = sitting.case.clip.clip_id
        said = first.text[:_REPEATED] or first.why or "nothing"
        again = replace(ask, answered=said, fault=prompt("repair").filled(fault=str(fault)))
        asked = self._digest(again, sitting.case, said, again.fault)
        known = await self._answers.known(clip_id, asked)
        if known is None:
            keep = partial(self._answers.keep, clip_id, asked)
            known, _ = await self._panel.ask(again, sitting.purse, keep, only=f"{first.provider}:{first.model}")
        return known

    def _digest(self, ask: Ask, case: Case, *more: Any) -> str:
        """Of everything that the answer depends on."""
        media = case.clip.media.sha256
        return digest(self.method, media, ask.name, ask.system, ask.text, ask.schema, ask.most_tokens, *more)

    async def _with_video(self, ask: Ask, moments: Sequence[Moment], clip: Clip) -> Ask:
        """The request with all of the clip, for those who watch it."""
        path = await self._media.local(clip.media.uri)
        return replace(ask, video=Footage(path, clip.media.content_type, clip.duration, whereabouts(moments)))

    async def _with_pictures(self, ask: Ask, shown: Sequence[tuple[int, float]], sitting: Sitting) -> Ask:
        """The request with its pictures; where none can be taken, the text alone is judged."""
        if not shown:
            return ask
        path = await self._media.local(sitting.case.clip.media.uri)
        try:
            taken = await self._photographer.take(path, [t for _, t in shown])
        except (Reject, Retry) as error:
            sitting.notes.append(f"The model was shown no pictures: {error.what}")
            return ask
        seen = [(picture, f"candidate {number}") for picture, (number, _) in zip(taken, shown, strict=True) if picture]
        return replace(ask, pictures=tuple(p for p, _ in seen), legends=tuple(legend for _, legend in seen))


def _ask(kind: type[A], moments: Sequence[Moment], case: Case) -> Ask:
    stage, (thinking, each) = _STAGES[kind], _TOKENS[kind]
    language = case.transcript.language if case.transcript else None
    before = [said_before(case.transcript, moment) for moment in moments] if kind is Verdict else ()
    return Ask(
        name=stage,
        system=prompt(stage).text,
        text=material(moments, title=case.clip.title, language=language, before=before),
        schema=schema_of(kind, len(moments)),
        most_tokens=thinking + each * len(moments),
        blind=any(moment.text for moment in moments),
    )


def _read(kind: type[A], answer: Answer, count: int) -> tuple[A, ...]:
    if not answer.text:
        raise AnswerError(f"it is empty: {answer.why}")
    return read(kind, answer.text, count)


def _use(kind: type[A], answers: Sequence[Answer], failure: str | None) -> ModelUse:
    """What a stage cost in all; the cost is known only if every part of it is."""
    costs = [answer.cost_usd for answer in answers]
    return ModelUse(
        stage="questions" if kind is Verdict else "wording",
        provider=answers[-1].provider,
        model=answers[-1].model,
        prompt=prompt(_STAGES[kind]).name,
        input_tokens=sum(answer.input_tokens or 0 for answer in answers),
        output_tokens=sum(answer.output_tokens or 0 for answer in answers),
        cost_usd=None if None in costs else round(sum(cost or 0.0 for cost in costs), 8),
        seconds=round(sum(answer.seconds for answer in answers), 3),
        failure=failure,
    )
