"""Who is filmed how: the shots of a talk, where people stand in them, where the camera goes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from random import Random
from typing import Literal

from tools.quality.making.script import Script
from tools.quality.making.sound import Told
from tools.quality.making.truth import Span

__all__ = ["Film", "Seat", "Shot", "Way", "direct"]

Way = tuple[tuple[float, float], ...]
"""(second, value) in order of time: a value that glides from one to the next and stays at the last."""
Ground = Literal["room", "slide", "street", "desk"]
SHORTEST = 1.3
"""Seconds of the shortest shot, but for those of a montage."""


@dataclass(frozen=True)
class Seat:
    """A person in a shot: the middle of the face, and its width, as shares of the picture's width and height."""

    person: int
    x: Way
    y: float
    face: float


@dataclass(frozen=True)
class Shot:
    """`part`: what is seen of the room; `pan`: how far the camera looks to the right, in shares of the picture;
    `inset`: people are in a small picture in the lower right corner; `join`: how it follows the shot before."""

    start: float
    end: float
    ground: Ground
    seed: int
    view: str
    seats: tuple[Seat, ...] = ()
    part: tuple[float, float, float] = (0.0, 0.0, 1.0)
    pan: Way = ((0.0, 0.0),)
    shake: float = 0.0
    inset: bool = False
    join: Literal["cut", "dissolve", "fade"] = "cut"


@dataclass(frozen=True)
class Film:
    """All shots, and what is no cut: `decoys` are flashes, pans and changes of the light."""

    shots: tuple[Shot, ...]
    decoys: tuple[Span, ...] = field(default=())


def direct(script: Script, told: tuple[Told, ...], duration: float) -> Film:
    """The film of a talk whose lines are at known times."""
    rng = Random(f"film {script.seed}")
    director = _Director(script, told, duration, rng)
    style = script.kind.style
    shots = {
        "cameras": director.cameras,
        "jumps": director.jumps,
        "one": director.one,
        "walk": director.walk,
        "pair": director.pair,
        "screen": director.screen,
        "montage": director.montage,
        "soft": director.soft,
        "restless": director.restless,
        "shaky": director.shaky,
        "silent": director.silent,
    }[style]()
    return Film(tuple(shots), tuple(director.decoys))


class _Director:
    def __init__(self, script: Script, told: tuple[Told, ...], duration: float, rng: Random) -> None:
        self._people, self._told, self._duration, self._rng = script.kind.people, told, duration, rng
        self._upright = script.kind.size[0] < script.kind.size[1]
        self._seed = script.seed * 10
        self.decoys: list[Span] = []

    # styles

    def cameras(self) -> list[Shot]:
        """Several cameras and some slides; a moment is near where its lines are marked so."""
        shots: list[Shot] = []
        for start, end in self._spans(4, 12):
            shots.append(self._view(start, end, self._choice(start, shots[-1].view if shots else "")))
        return shots

    def jumps(self) -> list[Shot]:
        """One camera; sentences were cut out, so the person jumps a little, or is suddenly nearer."""
        rng, near, x = self._rng, False, 0.5
        shots: list[Shot] = []
        for start, end in self._spans(3, 9):
            near = not near if shots else near
            step = rng.choice([-1, 1]) * rng.uniform(0.04, 0.1)
            x = x + step if 0.3 < x + step < 0.7 else x - step
            face = (0.34 if self._upright else 0.15) * (1.22 if near else 1.0)
            part = (0.14, 0.08, 0.62) if near else (0.06, 0.04, 0.76)
            shots.append(self._room(start, end, "near" if near else "far", [self._sit(0, x, face)], part))
        return shots

    def one(self) -> list[Shot]:
        """One camera, one shot; the person shifts now and then from one foot to the other."""
        way = self._stroll(0.42, 0.58, every=(8, 20), pace=0.06)
        return [self._room(0, self._duration, "one", [Seat(0, way, 0.4, 0.13)])]

    def walk(self) -> list[Shot]:
        """Long shots in which the speaker walks over the whole stage."""
        shots: list[Shot] = []
        for number, (start, end) in enumerate(self._spans(25, 45)):
            way = self._stroll(0.16, 0.84, every=(3, 9), pace=self._rng.uniform(0.09, 0.2), start=start, end=end)
            part = ((0.0, 0.0, 1.0), (0.2, 0.12, 0.7))[number % 2]
            shots.append(self._room(start, end, f"walk{number}", [Seat(0, way, 0.38, (0.095, 0.12)[number % 2])], part))
        return shots

    def pair(self) -> list[Shot]:
        """Two people in one long shot, who take turns."""
        return [self._two(0, self._duration)]

    def screen(self) -> list[Shot]:
        """The speaker, then their screen with them in its corner, then the speaker again."""
        first = self._gap(self._duration * 0.12)
        last = self._gap(self._duration * 0.9)
        corner = Seat(0, ((0.0, 0.5),), 0.42, 0.4)
        desk = Shot(first, last, "desk", self._seed, "desk", (corner,), inset=True)
        return [self._view(0, first, "medium"), desk, self._view(last, self._duration, "medium")]

    def montage(self) -> list[Shot]:
        """Quick pictures of the street at the beginning and once more, the rest as with several cameras."""
        shots: list[Shot] = []
        quick = {0, self._rng.randrange(3, 6)}
        for number, shot in enumerate(self.cameras()):
            if number not in quick:
                shots.append(shot)
                continue
            at, piece = shot.start, 0
            while shot.end - at > 2.2:
                length = self._rng.uniform(0.8, 1.5)
                seed = self._seed + 17 * number + piece
                shots.append(Shot(at, at + length, "street", seed, f"street{piece}"))
                at, piece = at + length, piece + 1
            shots.append(replace(shot, start=at))
        return shots

    def soft(self) -> list[Shot]:
        """As with several cameras, but most shots follow each other by a dissolve or through black."""
        joins: list[Literal["cut", "dissolve", "fade"]] = ["cut", "dissolve", "dissolve", "fade"]
        shots = self.cameras()
        return [shots[0], *(replace(shot, join=self._rng.choice(joins)) for shot in shots[1:])]

    def restless(self) -> list[Shot]:
        """Few cuts, many flashes, fast pans and changes of the light."""
        rng = self._rng
        shots: list[Shot] = []
        for number, (start, end) in enumerate(self._spans(22, 40)):
            pan, at, where = [(start, 0.0)], start + rng.uniform(4, 8), 0.0
            while at < end - 4:
                what = rng.choice(["flash", "pan", "light"])
                length = {"flash": 0.08, "pan": rng.uniform(0.7, 1.2), "light": 0.2}[what]
                if what == "pan":
                    pan += [(at, where), (at + length, 0.35 - where)]
                    where = 0.35 - where
                self.decoys.append(Span(kind=what, start=at, end=at + length))
                at += rng.uniform(5, 11)
            way = self._stroll(0.55, 0.8, every=(9, 15), pace=0.05, start=start, end=end)
            seats = [Seat(0, way, 0.4, (0.12, 0.15)[number % 2])]
            part = ((0.0, 0.0, 1.0), (0.1, 0.1, 0.8))[number % 2]
            shots.append(replace(self._room(start, end, f"pan{number}", seats, part), pan=tuple(pan)))
        return shots

    def shaky(self) -> list[Shot]:
        """Several cameras, all held by hand."""
        return [replace(shot, shake=self._rng.uniform(0.006, 0.014)) for shot in self.cameras()]

    def silent(self) -> list[Shot]:
        """An empty street and people who stand still; for one stretch somebody runs to and fro before the camera."""
        shots: list[Shot] = []
        for number, line in enumerate(self._told):
            start, end = line.start, line.end
            if line.line.role == "hook":
                way = self._stroll(0.25, 0.75, every=(0.3, 0.8), pace=0.34, start=start, end=end)
                shots.append(self._room(start, end, "run", [Seat(0, way, 0.42, 0.15)], (0.1, 0.1, 0.7)))
            elif number % 2:
                shots.append(self._room(start, end, f"still{number}", [self._sit(0, 0.5, 0.09)]))
            else:
                shots.append(Shot(start, end, "slide", self._seed + number, f"slide{number}"))
        return shots

    # views

    def _choice(self, start: float, before: str) -> str:
        """A view for a shot that begins at `start`: another one than the shot before had."""
        told = self._at(start + 0.3)
        line = told.line
        views = ["wide", "medium", "medium", "slide"] if line.moment is None else ["medium", "wide"]
        if line.close:
            views = ["close"] if before != "close" else ["medium"]
        if self._people > 1:
            solo = f"solo{line.speaker}"
            views = [solo, "two"] if line.moment is not None else ["two", "two", solo, f"solo{1 - line.speaker}"]
        fitting = [view for view in views if view != before]
        return self._rng.choice(fitting or ["wide" if before != "wide" else "medium"])

    def _view(self, start: float, end: float, view: str) -> Shot:
        rng = self._rng
        if view == "slide":
            return Shot(start, end, "slide", self._seed + round(start), "slide")
        if view == "two":
            return self._two(start, end)
        if view.startswith("solo"):
            person = int(view[-1])
            x, part = ((0.4, (0.0, 0.1, 0.5)), (0.62, (0.5, 0.1, 0.5)))[person]
            return self._room(start, end, view, [self._sit(person, x + rng.uniform(-0.04, 0.04), 0.17)], part)
        face, part, place = {
            "wide": (0.095, (0.0, 0.0, 1.0), rng.uniform(0.25, 0.75)),
            "medium": (0.135, (0.18, 0.08, 0.66), rng.uniform(0.32, 0.68)),
            "close": (0.2, (0.3, 0.16, 0.4), rng.uniform(0.42, 0.58)),
        }[view]
        return self._room(start, end, view, [self._sit(0, place, face)], part)

    def _two(self, start: float, end: float) -> Shot:
        return self._room(start, end, "two", [self._sit(0, 0.24, 0.1), self._sit(1, 0.76, 0.1)])

    def _room(
        self, start: float, end: float, view: str, seats: list[Seat], part: tuple[float, float, float] = (0, 0, 1)
    ) -> Shot:
        return Shot(start, end, "room", self._seed, view, tuple(seats), part)

    def _sit(self, person: int, x: float, face: float) -> Seat:
        return Seat(person, ((0.0, x),), 0.36 if self._upright else 0.4, face)

    def _stroll(
        self,
        low: float,
        high: float,
        *,
        every: tuple[float, float],
        pace: float,
        start: float = 0.0,
        end: float | None = None,
    ) -> Way:
        """From place to place between two shares of the picture, at `pace` shares a second, with rests of `every`."""
        rng, at, x = self._rng, start, self._rng.uniform(low, high)
        way = [(at, x)]
        while at < (self._duration if end is None else end):
            at += rng.uniform(*every)
            there = rng.uniform(low, high)
            way += [(at, x), (at + max(0.5, abs(there - x) / pace), there)]
            at, x = way[-1]
        return tuple(way)

    # times

    def _spans(self, low: float, high: float) -> list[tuple[float, float]]:
        """Shots of `low` to `high` seconds: cut between sentences, sometimes within one, and before most moments."""
        rng, cuts, least = self._rng, [0.0], self._rng.uniform(low, high)
        for before, told in zip(self._told, self._told[1:], strict=False):
            marks = [(before.answered + told.start) / 2]
            if rng.random() < 0.25 and told.end - told.start > 3:
                marks.append(rng.uniform(told.start + 1, told.end - 1))
            opens = told.line.moment is not None and before.line.moment != told.line.moment and rng.random() < 0.8
            for number, mark in enumerate(marks):
                if mark - cuts[-1] >= (least if number or not opens else SHORTEST):
                    cuts.append(mark)
                    least = rng.uniform(low, high)
        if self._duration - cuts[-1] < SHORTEST and len(cuts) > 1:
            cuts.pop()
        return list(zip(cuts, [*cuts[1:], self._duration], strict=True))

    def _gap(self, t: float) -> float:
        """The pause between two sentences that is nearest to `t`."""
        gaps = [(a.answered + b.start) / 2 for a, b in zip(self._told, self._told[1:], strict=False)]
        return min(gaps, key=lambda gap: abs(gap - t))

    def _at(self, t: float) -> Told:
        return next((told for told in self._told if t < told.answered + 0.2), self._told[-1])
