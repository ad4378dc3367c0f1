"""How each card looks: a pure function of what is known, the language, and the time zone of who reads it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from contracts.text import clock
from gateway.telegram.cards import Ask, Card, Failed, Line, Note, Post, Scan, Short, Unsure, Video
from gateway.telegram.content import Button, Content, VideoFile
from gateway.telegram.words import Words

__all__ = ["Reader", "face"]

C = TypeVar("C")
_LOOKS = ("center", "fit", "plain", "hook", "tight")


class Reader:
    """Who reads: words of their language, times of their zone. `now`: for `today`."""

    def __init__(self, words: Words, zone: ZoneInfo, now: datetime) -> None:
        self.words = words
        self.zone = zone
        self.now = now

    def say(self, line: Line) -> str:
        """A line as HTML."""
        times = {name: self.words.moment(moment, self.zone, self.now) for name, moment in line.moments.items()}
        return self.words(line.key, **line.values, **times)

    def button(self, key: str, verb: str, choice: str = "", /, **values: object) -> Button:
        """A button with a label of this language."""
        return Button(label=self.words.plain(f"button.{key}", **values), verb=verb, choice=choice)


def face(card: Card, reader: Reader) -> Content:
    """The message of a card."""
    return _FACES[type(card)](card, reader)


def _note(card: Note, to: Reader) -> Content:
    buttons = [Button(label=f"🔁 {label}", verb=verb, choice=choice) for label, verb, choice in card.buttons]
    rows = tuple(tuple(buttons[n : n + 5]) for n in range(0, len(buttons), 5))
    return Content(lines=tuple(to.say(line) for line in card.lines), rows=rows)


def _ask(card: Ask, to: Reader) -> Content:
    question = to.say(card.question)
    if card.state == "open":
        return Content(lines=(question,), rows=((to.button("yes", "yes"), to.button("no", "no")),))
    return Content(lines=(question, to.words(f"ask.{card.state}")))


def _scan(card: Scan, to: Reader) -> Content:
    words = to.words
    if card.failed:
        return Content(lines=(words("scan.head", niche=card.niche), words("scan.failed", what=card.failed)))
    if card.found is None:
        return Content(lines=(words("scan.head", niche=card.niche), words("scan.running")))
    sources = [
        words(f"scan.source_{status}", source=name, found=found, reason=reason)
        for name, status, found, reason in card.sources
    ]
    after = words("scan.next") if card.found else words("scan.nothing")
    return Content(lines=(words("scan.head", niche=card.niche), words("scan.found", found=card.found), *sources, after))


def _video(card: Video, to: Reader) -> Content:
    words = to.words
    told = [words("video.author", author=card.author)] if card.author else []
    told += [words("video.length", length=clock(card.duration))] if card.duration else []
    told += [words("video.views", views=f"{card.views:,}".replace(",", "\u202f"))] if card.views is not None else []
    lines = [words("video.title", title=card.title or card.url or card.candidate_id)]
    lines += [" · ".join(told)] if told else []
    lines += [words("card.score", score=_percent(card.score))] if card.score is not None else []
    lines += [words("card.asked", reason=card.reason)] if card.reason and card.state == "asked" else []
    rows: tuple[tuple[Button, ...], ...] = ()
    if card.state == "asked" and card.menu == "vouch":
        lines.append(words("card.vouch"))
        rows = ((to.button("vouch", "vouch"), to.button("back", "back")),)
    elif card.state == "asked":
        rows = ((to.button("make", "approve"), to.button("reject", "reject")),)
    else:
        lines += [_stage(card, words), *_shorts(card, words)]
        rows = ((to.button("again", "again"),),) if card.state == "failed" and card.url else ()
    if card.url.startswith("http"):
        rows = (*rows, (Button(label=words.plain("button.watch"), url=card.url),)) if _opens(card.url) else rows
    return Content(lines=tuple(lines), rows=rows, preview=card.url if card.url.startswith("http") else None)


def _stage(card: Video, words: Words) -> str:
    states = set(card.shorts.values())
    ready = card.state == "analyzed" and states and "ordered" not in states
    text = words("video.ready" if ready else f"video.{card.state}", by=card.by, note=card.note).strip()
    return text + (f" {round(card.progress * 100)} %" if card.progress is not None else "")


def _shorts(card: Video, words: Words) -> list[str]:
    if not card.shorts:
        return []
    states = list(card.shorts.values())
    failed = states.count("failed")
    lines = [words("video.shorts", made=states.count("made"), all=len(states))]
    return [*lines, words("video.shorts_failed", failed=failed)] if failed else lines


def _short(card: Short, to: Reader) -> Content:
    words = to.words
    lines = [words("short.title", title=card.draft or card.title or card.render_id)]
    if card.score is not None:
        lines.append(
            words("card.score", score=_percent(card.score))
            + (f" · {words('short.why', why=card.why)}" if card.why else "")
        )
    elif card.why:
        lines.append(words("short.why", why=card.why))
    lines.append(words("short.length", length=clock(card.duration), recipe=card.recipe.name))
    open_question = card.state == "asked" and not card.posts
    if card.reason and open_question:
        lines.append(words("card.asked", reason=card.reason))
    if card.accounts and open_question:
        lines.append(words("short.accounts", accounts=", ".join(card.accounts)))
    lines += _posts(card.posts.values(), to)
    if card.state == "sent" and not card.posts:
        lines.append(words("short.sent"))
    if card.state == "rejected":
        lines.append(words("short.rejected", by=card.by))
    if card.again:
        lines.append(
            words(
                "short.again",
                look=words.plain(f"look.{card.again}") if words.knows(f"look.{card.again}") else card.again,
            )
        )
    lines += [words(f"menu.{card.menu}")] if card.menu else []
    lines += [words("short.hint")] if open_question and not card.menu else []
    video = VideoFile(file=card.video, width=card.width, height=card.height, duration=card.duration)
    return Content(lines=tuple(lines), rows=_short_rows(card, to), video=video)


def _short_rows(card: Short, to: Reader) -> tuple[tuple[Button, ...], ...]:
    if card.state == "rejected":
        return ()
    if card.menu == "vouch":
        return ((to.button("vouch", "vouch"), to.button("back", "back")),)
    if card.menu == "when":
        first = (to.button("in1h", "at", "1h"), to.button("in3h", "at", "3h"))
        second = (to.button("tonight", "at", "19"), to.button("tomorrow", "at", "9"))
        third = (*((to.button("next", "next"),) if card.slots else ()), to.button("back", "back"))
        return (first, second, third)
    if card.menu == "look":
        named = tuple(
            (Button(label=recipe.name, verb="look", choice=f"r{place}"),) for place, recipe in enumerate(card.recipes)
        )
        looks = [to.button(f"look_{name}", "look", name) for name in _LOOKS]
        return (*named, tuple(looks[:3]), tuple(looks[3:]), (to.button("back", "back"),))
    if card.state == "asked" and not card.posts:
        return (
            (to.button("now", "now"), to.button("when", "when")),
            (to.button("reject", "reject"), to.button("other", "other")),
        )
    waiting = any(post.state == "planned" for post in card.posts.values())
    rows: tuple[tuple[Button, ...], ...] = ((to.button("now", "now"), to.button("when", "when")),) if waiting else ()
    addresses = [post for post in card.posts.values() if post.state == "published" and _opens(post.url)]
    return (
        *rows,
        *((Button(label=to.words.plain("button.see", account=post.account_id), url=post.url),) for post in addresses),
    )


def _posts(posts: Iterable[Post], to: Reader) -> list[str]:
    lines = []
    for post in posts:
        at = to.words.moment(post.at, to.zone, to.now) if post.at else ""
        key = "planned_later" if post.state == "planned" and not at else post.state
        lines.append(to.words(f"post.{key}", account=post.account_id, at=at, url=post.url, note=post.note))
    return lines


def _failed(card: Failed, to: Reader) -> Content:
    words = to.words
    stage = words.plain(f"stage.{card.stage}") if words.knows(f"stage.{card.stage}") else card.stage
    lines = [words("failed.head", stage=stage, title=card.title or card.entity), words("failed.what", what=card.what)]
    lines += [words("failed.advice", advice=card.advice)] if card.advice else []
    lines += [words("failed.again")] if card.sent else []
    rows = ((to.button("again", "again"),),) if card.again is not None and not card.sent else ()
    return Content(lines=tuple(lines), rows=rows)


def _unsure(card: Unsure, to: Reader) -> Content:
    words = to.words
    lines = [words("unsure.head", title=card.title or card.publication_id, account=card.account_id)]
    if card.state in {"open", "where"}:
        lines += [words("failed.what", what=card.reason)]
        lines += [words("failed.advice", advice=card.advice)] if card.advice else []
    lines.append(words(f"unsure.{card.state}", url=card.url))
    there, anew = to.button("there", "there"), to.button("not_there", "gone")
    rows = {"open": ((there, anew),), "where": ((to.button("back", "back"),),)}.get(card.state, ())
    return Content(lines=tuple(lines), rows=rows)


def _percent(score: float) -> str:
    return f"{round(score * 100)}"


def _opens(url: str) -> bool:
    """Whether Telegram takes it as the address of a button: it refuses the whole message for one that it does not."""
    host = url.partition("://")[2].partition("/")[0]
    return (
        url.startswith(("https://", "http://"))
        and "." in host
        and len(url) <= 2000
        and url.isascii()
        and " " not in url
    )


_FACES: dict[type[Any], Callable[[Any, Reader], Content]] = {
    Note: _note,
    Ask: _ask,
    Scan: _scan,
    Video: _video,
    Short: _short,
    Failed: _failed,
    Unsure: _unsure,
}
