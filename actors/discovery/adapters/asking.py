"""Asks sources concurrently, each under its time limit, and puts into words how each of them did."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Literal

import structlog

from actors.discovery.ports import Findings, NotConfiguredError, Query, SourceError, Sources
from contracts.media import Candidate
from contracts.work import SourceReport
from runtime.tasks import end

__all__ = ["ask_all", "unknown_source"]

log = structlog.get_logger(__name__)

_NOTES = 5
Status = Literal["ok", "not_configured", "failed", "timeout"]
Tell = Callable[[float, str], Awaitable[None]]


async def ask_all(
    sources: Sources, names: Sequence[str], query: Query, *, limit_s: float, tell: Tell
) -> tuple[list[Candidate], list[SourceReport]]:
    """What the named sources find, in their order and each candidate once, and a report of each."""
    tasks = [asyncio.create_task(_ask(name, sources, query, limit_s)) for name in names]
    try:
        for done, answer in enumerate(asyncio.as_completed(tasks), start=1):
            _, report = await answer
            await tell(done / len(names), f"{report.source}: {report.found} found ({report.status})")
    finally:
        await end(*tasks)
    answers = [task.result() for task in tasks]
    unique: dict[str, Candidate] = {}
    for found, _ in answers:
        for ident, candidate in found.candidates.items():
            unique.setdefault(ident, candidate)
    return list(unique.values()), [report for _, report in answers]


def unknown_source(name: str, known: Sequence[str]) -> SourceReport:
    """The report of a source that is not there."""
    return SourceReport(
        source=name, status="failed", reason=f"no source is called {name!r}. Known sources: {', '.join(known)}"
    )


async def _ask(name: str, sources: Sources, query: Query, limit_s: float) -> tuple[Findings, SourceReport]:
    found = Findings(query.limit)
    started = time.monotonic()
    status: Status = "ok"
    reason = None
    try:
        async with asyncio.timeout(limit_s):
            await sources[name].search(query, found)
    except NotConfiguredError as error:
        status, reason = "not_configured", str(error)
    except SourceError as error:
        status, reason = "failed", str(error)
    except TimeoutError:
        status = "timeout"
        reason = (
            f"{name} gave no complete answer within {limit_s:g} s. "
            "Scan again later, or raise CLIPWIRE_DISCOVERY_SOURCE_TIMEOUT_S"
        )
    except Exception as error:  # noqa: BLE001  # one source's bug is logged and reported; the others go on
        status = "failed"
        reason = f"{name} met a bug of ours ({type(error).__name__}). Report it with this process's log"
        # Not `exception`: a pretty traceback shows local values, and one of them may be a key.
        log.error("source.crashed", source=name, error=type(error).__name__, where=_where(error))  # noqa: TRY400  # see above
    took = timedelta(seconds=round(time.monotonic() - started, 3))
    text = " · ".join(filter(None, [reason, *_shortened(found.notes)]))
    # File names and answers may hold what is no Unicode text, which no event can carry.
    reason = text.encode("utf-8", "replace").decode() or None
    report = SourceReport(source=name, status=status, found=len(found.candidates), took=took, reason=reason)
    return found, report


def _shortened(notes: list[str]) -> list[str]:
    more = [f"and {len(notes) - _NOTES} more remarks"] if len(notes) > _NOTES else []
    return notes[:_NOTES] + more


def _where(error: BaseException) -> list[str]:
    """The way to the fault as file and line. No values: one of them might be a key."""
    steps = []
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        steps.append(f"{code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return steps
