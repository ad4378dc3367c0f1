"""What commands that only look are answered with, from the read models."""

from __future__ import annotations

from collections import Counter
from typing import Any

from contracts import asks
from contracts.publishing import Metrics
from gateway.projection.reads import ReadModels
from gateway.telegram.cards import Line, Note, Order
from gateway.telegram.hearing import Hearing
from gateway.telegram.people import Person
from runtime.bus import Bus
from runtime.channels import Channels
from runtime.errors import ClipwireError

__all__ = ["Views"]

_ROWS = 10
_PAGE = 100
_OPEN = ("running", "waiting", "planned", "failed", "rendered")
_FIGURES = ("views", "likes", "comments")


class Views:
    """Every answer is a note: its lines by key, in whatever language they are read. `bugs`: what nobody foresaw."""

    def __init__(
        self, *, reads: ReadModels, channels: Channels, bus: Bus, hearing: Hearing, bugs: Counter[str]
    ) -> None:
        self._reads = reads
        self._channels = channels
        self._bus = bus
        self._hearing = hearing
        self._bugs = bugs

    async def waiting(self, person: Person) -> list[dict[str, Any]]:
        """Questions that nobody has answered, newest first."""
        return await self._reads.page("approvals", None, _PAGE, owner=person.sees)

    async def queue(self, person: Person) -> Note:
        """What waits for an answer, and what is planned."""
        waiting = await self.waiting(person)
        lines = [Line(key="queue.head", values={"count": str(len(waiting))})] if waiting else [Line(key="queue.none")]
        lines += [Line(key="queue.item", values={"title": row["title"] or row["id"]}) for row in waiting[:_ROWS]]
        lines += [Line(key="queue.again")] if waiting else []
        planned = await self._reads.page("publications", None, _PAGE, "planned", None, None, owner=person.sees)
        planned = sorted((row for row in planned if row["planned_at"]), key=lambda row: row["planned_at"])
        if planned:
            lines.append(Line(key="queue.planned", values={"count": str(len(planned))}))
        for row in planned[:_ROWS]:
            values = {"account": row["account_id"] or "", "title": await self._title(row)}
            lines.append(Line(key="queue.post", values=values, moments={"at": row["planned_at"]}))
        return Note(lines=tuple(lines))

    async def status(self, person: Person, missing: list[str]) -> Note:
        """What is being worked on, or waits, or failed; newest first."""
        rows = await self._reads.page("jobs", None, _PAGE, None, None, owner=person.sees)
        going = [row for row in rows if row["state"] in _OPEN]
        running = sum(row["state"] == "running" for row in going)
        lines = [Line(key="status.head", values={"count": str(running)})] if running else [Line(key="status.none")]
        for row in (going or rows)[:_ROWS]:
            title = row["title"] or row["url"] or row["job_id"]
            lines.append(Line(key=f"status.{row['state']}", values={"title": title}))
        made, out = sum(row["renders_done"] for row in rows), sum(row["publications_done"] for row in rows)
        lines.append(Line(key="status.counts", values={"shorts": str(made), "posts": str(out)}))
        if missing:
            lines.append(Line(key="status.missing", values={"names": ", ".join(missing)}))
        if person.role == "admin" and self._bugs:
            lines.append(Line(key="status.bugs", values={"count": str(self._bugs.total())}))
        return Note(lines=tuple(lines))

    async def channels(self, person: Person) -> Note:
        """What is watched, and where it goes."""
        channels = await self._channels.all()
        owned = [each for each in channels if person.sees is None or each.owner == person.sees]
        lines = [Line(key="channels.head", values={"count": str(len(owned))})]
        for each in owned[:_ROWS]:
            values = {"id": each.channel_id, "title": each.title, "niches": ", ".join(each.niches) or "–"}
            lines.append(Line(key="channels.item", values=values))
            key = "channels.asks" if each.rules.publish == "ask" else "channels.alone"
            lines.append(Line(key=key, values={"targets": ", ".join(each.targets) or "–"}))
        return Note(lines=tuple(lines))

    async def metrics(self, person: Person) -> Note:
        """How the last posts do, as far as their platforms tell."""
        rows = await self._reads.page("publications", None, _ROWS, "done", None, None, owner=person.sees)
        posts = [row for row in rows if row["publication"]]
        if not posts:
            return Note(lines=(Line(key="metrics.none"),))
        counted: dict[tuple[str, str], Metrics] = {}
        for account in dict.fromkeys(row["account_id"] for row in posts):
            ids = tuple(row["publication"]["platform_id"] for row in posts if row["account_id"] == account)
            counted |= await self._counted(account, ids)
        lines = [Line(key="metrics.head")]
        for row in posts:
            told = counted.get((row["account_id"], row["publication"]["platform_id"]))
            figures = {name: getattr(told, name) for name in _FIGURES if told and getattr(told, name) is not None}
            values = {"title": await self._title(row), "account": row["account_id"]}
            values |= {name: str(figures.get(name, "–")) for name in _FIGURES}
            lines.append(Line(key="metrics.item" if figures else "metrics.unknown", values=values))
        return Note(lines=tuple(lines))

    async def failures(self, person: Person) -> Note:
        """What failed last and was not made good since, each with a button where it can be tried again."""
        lines: list[Line] = []
        orders: list[Order] = []
        seen: set[str] = set()
        for row in await self._reads.page("failures", None, _PAGE, None, owner=person.sees):
            if row["entity"] in seen or len(lines) >= _ROWS:
                continue
            seen.add(row["entity"])
            if not any(stage["state"] == "failed" for stage in await self._stages(row["entity"], row["owner"])):
                continue
            again = await self._hearing.again(row["entity"], row["subject"], row["kind"], row["owner"])
            values = {"title": await self._name(row["entity"], row["owner"]), "what": row["what"]}
            if again is not None:
                orders.append(again)
                values["place"] = str(len(orders))
            lines.append(Line(key="retry.item" if again is not None else "retry.stuck", values=values))
        if not lines:
            return Note(lines=(Line(key="retry.none"),))
        head = Line(key="retry.head", values={"count": str(len(lines))})
        buttons = tuple((str(place + 1), "again", str(place)) for place in range(len(orders)))
        return Note(lines=(head, *lines), buttons=buttons, orders=tuple(orders))

    async def _counted(self, account: str, ids: tuple[str, ...]) -> dict[tuple[str, str], Metrics]:
        """What a platform tells; nothing where it does not answer: figures are no reason to fail."""
        try:
            told = await self._bus.ask(asks.METRICS, asks.WhichMetrics(account_id=account, platform_ids=ids), within=20)
        except ClipwireError:
            return {}
        return {(account, ident): metrics for ident, metrics in told.metrics.items()}

    async def _stages(self, entity: str, owner: str) -> list[dict[str, Any]]:
        job = await self._reads.job_of(entity, owner=owner)
        stages = await self._reads.stages(job[0], owner=owner) if job else []
        return [stage for stage in stages if stage["entity"] == entity]

    async def _title(self, row: dict[str, Any]) -> str:
        if row.get("title"):
            return str(row["title"])
        return await self._name(row.get("render_id") or row["publication_id"], row["owner"])

    async def _name(self, entity: str, owner: str) -> str:
        """What people call it."""
        for table in ("render", "publication", "candidate"):
            found = await self._reads.one(table, entity, owner=owner)
            if found is not None and found.get("title"):
                return str(found["title"])
        return entity
