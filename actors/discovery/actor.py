"""discovery.requested -> candidate.found, discovery.done"""

from __future__ import annotations

from actors.discovery.adapters.asking import ask_all, unknown_source
from actors.discovery.core import published_since, scan_id_for, sources_to_ask
from actors.discovery.ports import Query, Sources
from actors.discovery.settings import DiscoverySettings
from actors.discovery.store import Scan, Scans
from contracts.events import CandidateFound, DiscoveryDone, DiscoveryRequested
from contracts.keys import candidate_uri
from contracts.subjects import CANDIDATE_FOUND, DISCOVERY_DONE, DISCOVERY_REQUESTED
from runtime.actor import Actor, Work
from runtime.channels import Channels
from runtime.media import MediaStore


def build(*, settings: DiscoverySettings, sources: Sources, channels: Channels, media: MediaStore) -> Actor:
    """Discovery over these sources."""
    actor = Actor("discovery", slots=settings.discovery_slots)
    scans = Scans(media)

    @actor.listen(DISCOVERY_REQUESTED)
    async def on_discovery_requested(request: DiscoveryRequested, work: Work) -> None:
        scan = await scans.recall(work.event.id) or await scans.keep(work.event.id, await look(request, work))
        about = {"niche": request.niche, "scan_id": scan.scan_id, "channel_id": request.channel_id}
        for candidate in scan.candidates:
            await media.write(candidate_uri(candidate.candidate_id), candidate)
            await work.emit(CANDIDATE_FOUND, CandidateFound(candidate=candidate, **about))
        done = DiscoveryDone(found=len(scan.candidates), sources=scan.sources, **about)
        await work.emit(DISCOVERY_DONE, done)

    async def look(request: DiscoveryRequested, work: Work) -> Scan:
        """Ask every source that the request or its channel names, and report the names that nobody knows."""
        channel = await channels.get(request.channel_id)
        names, unknown = sources_to_ask(request.sources, channel.sources, sources)
        scan_id = scan_id_for(request.scan_id, work.event.id)
        batch = await scans.batch(scan_id)
        query = Query(
            niche=request.niche,
            limit=request.limit,
            now=work.event.time,
            since=published_since(request.since_days, work.event.time),
            only=frozenset(batch.candidate_ids) if batch else None,
        )
        limit_s = settings.discovery_source_timeout_s
        found, reports = await ask_all(sources, names, query, limit_s=limit_s, tell=work.progress)
        reports += [unknown_source(name, list(sources)) for name in unknown]
        return Scan(scan_id=scan_id, candidates=tuple(found), sources=tuple(reports))

    return actor
