"""`docs/platforms.md`, made from the platforms themselves: what each takes, and what it counts."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from actors.publisher.adapters.platforms import open_platforms
from actors.publisher.core.limits import Limits, Quota, Text
from actors.publisher.ports import Platform
from actors.publisher.settings import PublisherSettings
from runtime.media import FileMediaStore

__all__ = ["platforms_page"]

_HEAD = """# Platforms

<!-- generated from the platforms: make references -->

What each platform takes, checked before the first byte; `clipwire publish ID --dry-run` shows it for one short.
How an account is connected, and what each platform can do: [publishing.md](publishing.md).
"""


def platforms_page() -> str:
    """The page, platforms in the order of their names."""
    home = Path("/nowhere")
    opened = open_platforms(PublisherSettings(_env_file=None), home=home, media=FileMediaStore(home))
    return _HEAD + "".join(_section(opened[name]) for name in sorted(opened))


def _section(platform: Platform) -> str:
    rows = "\n".join(f"| {name} | {value} |" for name, value in _rows(platform.limits))
    asks = ", ".join(asked.label for asked in platform.grant.asks) if platform.grant else ""
    connect = f"\nAsked to connect: {asks}.\n" if asks else ""
    return f"\n## {platform.name}\n{connect}\n| rule | |\n| --- | --- |\n{rows}\n"


def _rows(limits: Limits) -> list[tuple[str, str]]:
    rows = [("title", _text(limits.title)), ("description", _text(limits.description))]
    rows.append(("hashtags", f"{limits.hashtags.most} at most, in the {limits.hashtags.place}"))
    if limits.chapters:
        told = f"from {limits.chapters.least} on, each {limits.chapters.seconds:g} s or longer, in the description"
        rows.append(("chapters", told))
    if limits.bytes:
        rows.append(("file size", f"{limits.bytes[0]:,} to {limits.bytes[1]:,} bytes"))
    if limits.duration:
        rows.append(("duration", f"{limits.duration[0]:g} to {limits.duration[1]:g} s"))
    if limits.fps:
        rows.append(("frame rate", f"{limits.fps[0]:g} to {limits.fps[1]:g} fps"))
    if limits.side:
        rows.append(("sides", f"{limits.side[0]} to {limits.side[1]} px"))
    if limits.aspect:
        rows.append(("width through height", f"{limits.aspect[0]:.3g} to {limits.aspect[1]:.3g}"))
    rows += [("posts", _quota(quota)) for quota in limits.quotas]
    if limits.schedules:
        first, last = (_span(each) for each in limits.schedules)
        rows.append(("keeps a time itself", f"from {first} to {last} ahead"))
    return [*rows, ("told in", limits.source)]


def _text(limit: Text | None) -> str:
    if limit is None:
        return "none; it begins the description"
    without = f", without {' '.join(limit.forbidden)}" if limit.forbidden else ""
    least = f"{limit.least} to " if limit.least else "up to "
    return f"{least}{limit.most} {limit.unit}{without}".replace("|", "\\|")


def _quota(quota: Quota) -> str:
    per = f"a day in {quota.zone}" if quota.zone else f"in any {_span(quota.window)}"
    counted = f"; each takes {quota.each:,} of {quota.most:,} {quota.unit}" if quota.each > 1 else ""
    return f"{quota.posts} {per}, on one {quota.scope}{counted}"


def _span(span: timedelta) -> str:
    seconds = span.total_seconds()
    for size, word in ((86_400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size and seconds % size == 0:
            return f"{seconds / size:g} {word}"
    return f"{seconds:g} s"
