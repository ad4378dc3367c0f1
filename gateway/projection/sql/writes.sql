-- name: try_singleton
-- Whether this connection is now the one that projects.
SELECT pg_try_advisory_lock(7306080140112102);

-- name: read_checkpoint
-- Up to where the read models are.
SELECT sequence, stream_created, fingerprint FROM gateway.checkpoint;

-- name: move_checkpoint
-- Compare and set: no row means that somebody moved it meanwhile. Taken first, so that a reset can't run into us.
UPDATE gateway.checkpoint SET sequence = $2, stream_created = $3, fingerprint = $4
WHERE sequence = $1 RETURNING sequence;

-- name: reset_checkpoint
-- The read models are empty.
UPDATE gateway.checkpoint SET sequence = 0, stream_created = NULL, fingerprint = NULL;

-- name: empty_read_models
-- Everything that a replay makes again.
TRUNCATE gateway.events, gateway.totals, gateway.scans, gateway.candidates, gateway.clips, gateway.renders,
    gateway.publications, gateway.approvals, gateway.failures, gateway.stages;

-- name: tell_reset
-- Wake up the projector, wherever it runs.
SELECT pg_notify('gateway_reset', '');

-- name: forget_requests
-- The stream is another one: what was sent to the old one is gone.
DELETE FROM gateway.requests;

-- name: totals
-- Events by subject.
INSERT INTO gateway.totals AS t (subject, malformed, count)
SELECT r.subject, r.malformed, r.count FROM jsonb_to_recordset($1::jsonb) AS r(subject text, malformed boolean, count bigint)
ON CONFLICT (subject, malformed) DO UPDATE SET count = t.count + excluded.count;

-- name: scans
-- Discoveries.
INSERT INTO gateway.scans AS t
SELECT * FROM jsonb_populate_recordset(NULL::gateway.scans, $1::jsonb)
ON CONFLICT (owner, scan_id) DO UPDATE SET
    last_sequence = excluded.last_sequence,
    updated_at = excluded.updated_at,
    niche = coalesce(excluded.niche, t.niche),
    channel_id = coalesce(excluded.channel_id, t.channel_id),
    found = coalesce(excluded.found, t.found),
    sources = coalesce(excluded.sources, t.sources),
    requested_sequence = coalesce(excluded.requested_sequence, t.requested_sequence),
    done_sequence = coalesce(excluded.done_sequence, t.done_sequence);

-- name: failures
-- What could not be done.
INSERT INTO gateway.failures SELECT * FROM jsonb_populate_recordset(NULL::gateway.failures, $1::jsonb);

-- name: stages
-- When each stage of each thing began last, and how it ended last. A publication that is done stays so.
INSERT INTO gateway.stages AS t (
    owner, entity, stage, pending_sequence, pending_time, result, result_sequence, result_time, event_id, failure)
SELECT owner, entity, stage, pending_sequence, pending_time, result, result_sequence, result_time, event_id, failure
FROM jsonb_populate_recordset(NULL::gateway.stages, $1::jsonb)
ON CONFLICT (owner, entity, stage) DO UPDATE SET
    pending_sequence = coalesce(excluded.pending_sequence, t.pending_sequence),
    pending_time = coalesce(excluded.pending_time, t.pending_time),
    -- A result counts as a whole.
    (result, result_sequence, result_time, event_id, failure) = (
        SELECT
            CASE WHEN counts THEN excluded.result ELSE t.result END,
            CASE WHEN counts THEN excluded.result_sequence ELSE t.result_sequence END,
            CASE WHEN counts THEN excluded.result_time ELSE t.result_time END,
            CASE WHEN counts THEN excluded.event_id ELSE t.event_id END,
            CASE WHEN counts THEN excluded.failure ELSE t.failure END
        FROM (SELECT excluded.result IS NOT NULL AND (
            excluded.result = 'done' OR t.stage <> 'publish' OR t.result IS DISTINCT FROM 'done')) AS news (counts)
    );

-- name: approvals
-- What a person was asked; asked again, the last question counts.
INSERT INTO gateway.approvals AS t SELECT * FROM jsonb_populate_recordset(NULL::gateway.approvals, $1::jsonb)
ON CONFLICT (owner, about, id) DO UPDATE SET
    last_sequence = excluded.last_sequence,
    updated_at = excluded.updated_at,
    channel_id = excluded.channel_id,
    title = excluded.title,
    reason = excluded.reason,
    yes = excluded.yes,
    no = excluded.no,
    accounts = excluded.accounts;

-- name: candidates
-- Candidates; what an event does not tell stays as it was.
INSERT INTO gateway.candidates AS t (
    owner, candidate_id, first_sequence, last_sequence, updated_at, channel_id, niche, scan_id, url, title, source, score, method,
    parts, candidate, decided_by, decision_reason, found_sequence, ranked_sequence, asked_sequence, approved_sequence,
    rejected_sequence)
SELECT owner, candidate_id, first_sequence, last_sequence, updated_at, channel_id, niche, scan_id, url, title, source, score, method,
    parts, candidate, decided_by, decision_reason, found_sequence, ranked_sequence, asked_sequence, approved_sequence,
    rejected_sequence
FROM jsonb_populate_recordset(NULL::gateway.candidates, $1::jsonb)
ON CONFLICT (owner, candidate_id) DO UPDATE SET
    last_sequence = excluded.last_sequence,
    updated_at = excluded.updated_at,
    channel_id = coalesce(excluded.channel_id, t.channel_id),
    niche = coalesce(excluded.niche, t.niche),
    scan_id = coalesce(excluded.scan_id, t.scan_id),
    url = coalesce(excluded.url, t.url),
    title = coalesce(excluded.title, t.title),
    source = coalesce(excluded.source, t.source),
    score = coalesce(excluded.score, t.score),
    method = coalesce(excluded.method, t.method),
    parts = coalesce(excluded.parts, t.parts),
    candidate = coalesce(excluded.candidate, t.candidate),
    decided_by = coalesce(excluded.decided_by, t.decided_by),
    decision_reason = coalesce(excluded.decision_reason, t.decision_reason),
    found_sequence = coalesce(excluded.found_sequence, t.found_sequence),
    ranked_sequence = coalesce(excluded.ranked_sequence, t.ranked_sequence),
    asked_sequence = coalesce(excluded.asked_sequence, t.asked_sequence),
    approved_sequence = coalesce(excluded.approved_sequence, t.approved_sequence),
    rejected_sequence = coalesce(excluded.rejected_sequence, t.rejected_sequence);

-- name: clips
-- Clips.
INSERT INTO gateway.clips AS t (
    owner, clip_id, first_sequence, last_sequence, updated_at, channel_id, title, clip, transcript, no_transcript, analysis, method,
    moments, downloaded_sequence, transcribed_sequence, analyzed_sequence)
SELECT owner, clip_id, first_sequence, last_sequence, updated_at, channel_id, title, clip, transcript, no_transcript, analysis, method,
    moments, downloaded_sequence, transcribed_sequence, analyzed_sequence
FROM jsonb_populate_recordset(NULL::gateway.clips, $1::jsonb)
ON CONFLICT (owner, clip_id) DO UPDATE SET
    last_sequence = excluded.last_sequence,
    updated_at = excluded.updated_at,
    channel_id = coalesce(excluded.channel_id, t.channel_id),
    title = coalesce(excluded.title, t.title),
    clip = coalesce(excluded.clip, t.clip),
    transcript = coalesce(excluded.transcript, t.transcript),
    no_transcript = coalesce(excluded.no_transcript, t.no_transcript),
    analysis = coalesce(excluded.analysis, t.analysis),
    method = coalesce(excluded.method, t.method),
    moments = coalesce(excluded.moments, t.moments),
    downloaded_sequence = coalesce(excluded.downloaded_sequence, t.downloaded_sequence),
    transcribed_sequence = coalesce(excluded.transcribed_sequence, t.transcribed_sequence),
    analyzed_sequence = coalesce(excluded.analyzed_sequence, t.analyzed_sequence);

-- name: renders
-- Renders.
INSERT INTO gateway.renders AS t (
    owner, render_id, first_sequence, last_sequence, updated_at, clip_id, channel_id, title, start_s, end_s, request, render,
    reject_reason, requested_sequence, done_sequence, failed_sequence, rejected_sequence)
SELECT owner, render_id, first_sequence, last_sequence, updated_at, clip_id, channel_id, title, start_s, end_s, request, render,
    reject_reason, requested_sequence, done_sequence, failed_sequence, rejected_sequence
FROM jsonb_populate_recordset(NULL::gateway.renders, $1::jsonb)
ON CONFLICT (owner, render_id) DO UPDATE SET
    last_sequence = excluded.last_sequence,
    updated_at = excluded.updated_at,
    clip_id = coalesce(excluded.clip_id, t.clip_id),
    channel_id = coalesce(excluded.channel_id, t.channel_id),
    title = coalesce(excluded.title, t.title),
    start_s = coalesce(excluded.start_s, t.start_s),
    end_s = coalesce(excluded.end_s, t.end_s),
    request = coalesce(excluded.request, t.request),
    render = coalesce(excluded.render, t.render),
    reject_reason = coalesce(excluded.reject_reason, t.reject_reason),
    requested_sequence = coalesce(excluded.requested_sequence, t.requested_sequence),
    done_sequence = coalesce(excluded.done_sequence, t.done_sequence),
    failed_sequence = coalesce(excluded.failed_sequence, t.failed_sequence),
    rejected_sequence = coalesce(excluded.rejected_sequence, t.rejected_sequence);

-- name: publications
-- Publications.
INSERT INTO gateway.publications AS t (
    owner, publication_id, first_sequence, last_sequence, updated_at, render_id, account_id, channel_id, requested_by, title,
    publication, unconfirmed_reason, unconfirmed_advice, requested_sequence, done_sequence, unconfirmed_sequence,
    failed_sequence, planned_at, planned_note, anew, planned_sequence, failed_what, failed_advice)
SELECT owner, publication_id, first_sequence, last_sequence, updated_at, render_id, account_id, channel_id, requested_by, title,
    publication, unconfirmed_reason, unconfirmed_advice, requested_sequence, done_sequence, unconfirmed_sequence,
    failed_sequence, planned_at, planned_note, anew, planned_sequence, failed_what, failed_advice
FROM jsonb_populate_recordset(NULL::gateway.publications, $1::jsonb)
ON CONFLICT (owner, publication_id) DO UPDATE SET
    last_sequence = excluded.last_sequence,
    updated_at = excluded.updated_at,
    render_id = coalesce(excluded.render_id, t.render_id),
    account_id = coalesce(excluded.account_id, t.account_id),
    channel_id = coalesce(excluded.channel_id, t.channel_id),
    requested_by = coalesce(excluded.requested_by, t.requested_by),
    title = coalesce(excluded.title, t.title),
    publication = coalesce(excluded.publication, t.publication),
    unconfirmed_reason = coalesce(excluded.unconfirmed_reason, t.unconfirmed_reason),
    unconfirmed_advice = coalesce(excluded.unconfirmed_advice, t.unconfirmed_advice),
    requested_sequence = coalesce(excluded.requested_sequence, t.requested_sequence),
    done_sequence = coalesce(excluded.done_sequence, t.done_sequence),
    unconfirmed_sequence = coalesce(excluded.unconfirmed_sequence, t.unconfirmed_sequence),
    failed_sequence = coalesce(excluded.failed_sequence, t.failed_sequence),
    planned_at = coalesce(excluded.planned_at, t.planned_at),
    planned_note = coalesce(excluded.planned_note, t.planned_note),
    anew = coalesce(excluded.anew, t.anew),
    planned_sequence = coalesce(excluded.planned_sequence, t.planned_sequence),
    failed_what = coalesce(excluded.failed_what, t.failed_what),
    failed_advice = coalesce(excluded.failed_advice, t.failed_advice);

-- name: any_forgotten
-- Whether there is an owner of whom nothing is shown any more.
SELECT EXISTS (SELECT FROM gateway.forgotten);

-- name: drop_forgotten
-- Take away what events tell of such owners. $1 behind which sequence events are new.
WITH gone AS (SELECT owner FROM gateway.forgotten),
    events AS (DELETE FROM gateway.events WHERE sequence > $1 AND owner IN (SELECT owner FROM gone)),
    scans AS (DELETE FROM gateway.scans WHERE owner IN (SELECT owner FROM gone)),
    candidates AS (DELETE FROM gateway.candidates WHERE owner IN (SELECT owner FROM gone)),
    clips AS (DELETE FROM gateway.clips WHERE owner IN (SELECT owner FROM gone)),
    renders AS (DELETE FROM gateway.renders WHERE owner IN (SELECT owner FROM gone)),
    publications AS (DELETE FROM gateway.publications WHERE owner IN (SELECT owner FROM gone)),
    approvals AS (DELETE FROM gateway.approvals WHERE owner IN (SELECT owner FROM gone)),
    failures AS (DELETE FROM gateway.failures WHERE owner IN (SELECT owner FROM gone))
DELETE FROM gateway.stages WHERE owner IN (SELECT owner FROM gone);

-- name: forget_owner
-- Nothing of this owner is shown from now on.
INSERT INTO gateway.forgotten (owner) VALUES ($1) ON CONFLICT DO NOTHING;

-- name: forget_keys
-- Nor what they sent under idempotency keys.
DELETE FROM gateway.requests WHERE starts_with(key, $1 || ' ');
