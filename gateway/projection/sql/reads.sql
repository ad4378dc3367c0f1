-- name: candidates
-- A page of candidates, newest first. $1 before, $2 limit, $3 owner, as in every page; $4 state, $5 channel, $6 scan.
SELECT * FROM gateway.candidates
WHERE ($1::bigint IS NULL OR first_sequence < $1)
    AND ($3::text IS NULL OR owner = $3)
    AND ($4::text IS NULL OR state = $4)
    AND ($5::text IS NULL OR channel_id = $5)
    AND ($6::text IS NULL OR scan_id = $6)
ORDER BY first_sequence DESC LIMIT $2;

-- name: candidate
-- One candidate; of several owners the one of whom was last heard of it. $2 owner, as in all of these.
SELECT * FROM gateway.candidates WHERE candidate_id = $1 AND ($2::text IS NULL OR owner = $2)
ORDER BY last_sequence DESC LIMIT 1;

-- name: clips
-- A page of clips, newest first. $4 state.
SELECT * FROM gateway.clips
WHERE ($1::bigint IS NULL OR first_sequence < $1)
    AND ($3::text IS NULL OR owner = $3)
    AND ($4::text IS NULL OR state = $4)
ORDER BY first_sequence DESC LIMIT $2;

-- name: clip
-- One clip.
SELECT * FROM gateway.clips WHERE clip_id = $1 AND ($2::text IS NULL OR owner = $2)
ORDER BY last_sequence DESC LIMIT 1;

-- name: renders
-- A page of renders, newest first. $4 state, $5 clip.
SELECT * FROM gateway.renders
WHERE ($1::bigint IS NULL OR first_sequence < $1)
    AND ($3::text IS NULL OR owner = $3)
    AND ($4::text IS NULL OR state = $4)
    AND ($5::text IS NULL OR clip_id = $5)
ORDER BY first_sequence DESC LIMIT $2;

-- name: render
-- One render.
SELECT * FROM gateway.renders WHERE render_id = $1 AND ($2::text IS NULL OR owner = $2)
ORDER BY last_sequence DESC LIMIT 1;

-- name: publications
-- A page of publications, newest first. $4 state, $5 render, $6 account.
SELECT * FROM gateway.publications
WHERE ($1::bigint IS NULL OR first_sequence < $1)
    AND ($3::text IS NULL OR owner = $3)
    AND ($4::text IS NULL OR state = $4)
    AND ($5::text IS NULL OR render_id = $5)
    AND ($6::text IS NULL OR account_id = $6)
ORDER BY first_sequence DESC LIMIT $2;

-- name: publication
-- One publication.
SELECT * FROM gateway.publications WHERE publication_id = $1 AND ($2::text IS NULL OR owner = $2)
ORDER BY last_sequence DESC LIMIT 1;

-- name: failures
-- A page of failures, newest first. $4 the thing that failed.
SELECT * FROM gateway.failures
WHERE ($1::bigint IS NULL OR sequence < $1)
    AND ($3::text IS NULL OR owner = $3)
    AND ($4::text IS NULL OR entity = $4)
ORDER BY sequence DESC LIMIT $2;

-- name: approvals
-- A page of the questions that nobody has answered yet, newest first.
SELECT a.* FROM gateway.approvals AS a
WHERE ($1::bigint IS NULL OR a.first_sequence < $1)
    AND ($3::text IS NULL OR a.owner = $3)
    AND EXISTS (
        SELECT FROM gateway.stages AS s
        WHERE s.owner = a.owner AND s.entity = a.id AND s.stage = 'approve' AND s.state = 'waiting')
ORDER BY a.first_sequence DESC LIMIT $2;

-- name: job_of
-- The job that an id belongs to, and its owner: a candidate's own, the one of a render's or publication's clip, a scan, or
-- what failed.
SELECT job, owner FROM (
    SELECT 1 AS place, candidate_id AS job, owner, last_sequence AS sequence FROM gateway.candidates WHERE candidate_id = $1
    UNION ALL SELECT 2, scan_id, owner, last_sequence FROM gateway.scans WHERE scan_id = $1
    UNION ALL SELECT 3, clip_id, owner, last_sequence FROM gateway.renders WHERE render_id = $1
    UNION ALL SELECT 4, r.clip_id, p.owner, p.last_sequence
        FROM gateway.publications AS p JOIN gateway.renders AS r USING (owner, render_id) WHERE p.publication_id = $1
    UNION ALL SELECT 5, entity, owner, coalesce(result_sequence, pending_sequence) FROM gateway.stages WHERE entity = $1
    UNION ALL SELECT 6, key, coalesce(owner, ''), sequence
        FROM gateway.events WHERE id = $1 AND key IS DISTINCT FROM $1 AND malformed IS NULL
) AS found
WHERE job IS NOT NULL AND ($2::text IS NULL OR owner = $2)
ORDER BY place, sequence DESC LIMIT 1;

-- name: jobs
-- A page of candidates with how far they are, newest first. $4 state, $5 channel.
SELECT c.candidate_id AS job_id, c.owner, c.first_sequence, c.title, c.url, c.channel_id, c.score, j.*
FROM gateway.candidates AS c
CROSS JOIN LATERAL (
    SELECT
        CASE
            WHEN bool_or(s.state IN ('failed', 'unconfirmed')) THEN 'failed'
            WHEN bool_or(s.state = 'waiting') THEN 'waiting'
            WHEN bool_or(s.state = 'pending' AND (s.stage <> 'approve' OR s.entity = c.candidate_id)) THEN 'running'
            WHEN bool_or(s.state = 'planned') THEN 'planned'
            WHEN bool_or(s.state = 'pending') THEN 'rendered'
            WHEN bool_or(s.state = 'rejected' AND s.entity = c.candidate_id) THEN 'rejected'
            ELSE 'done'
        END AS state,
        max(greatest(s.pending_time, s.result_time)) AS updated_at,
        count(*) FILTER (WHERE s.stage = 'render' AND s.state = 'done') AS renders_done,
        count(*) FILTER (WHERE s.stage = 'publish' AND s.state = 'done') AS publications_done,
        count(*) FILTER (WHERE s.state = 'failed') AS failed
    FROM gateway.stages AS s
    WHERE s.owner = c.owner AND (
        s.entity = c.candidate_id
        OR s.entity IN (SELECT render_id FROM gateway.renders WHERE owner = c.owner AND clip_id = c.candidate_id)
        OR s.entity IN (
            SELECT p.publication_id FROM gateway.publications AS p JOIN gateway.renders AS r USING (owner, render_id)
            WHERE p.owner = c.owner AND r.clip_id = c.candidate_id))
) AS j
WHERE ($1::bigint IS NULL OR c.first_sequence < $1)
    AND ($3::text IS NULL OR c.owner = $3)
    AND ($4::text IS NULL OR j.state = $4)
    AND ($5::text IS NULL OR c.channel_id = $5)
ORDER BY c.first_sequence DESC LIMIT $2;

-- name: stages_of_job
-- Every stage of an owner's candidate, of its renders and of their publications, in the order in which they began. $2 owner.
SELECT s.entity, s.stage, s.state, s.event_id, s.pending_time AS since,
    CASE WHEN s.state = 'pending' THEN s.pending_time ELSE s.result_time END AS time,
    CASE WHEN s.state = 'pending' THEN s.pending_sequence ELSE s.result_sequence END AS sequence,
    CASE WHEN s.state = 'failed' THEN s.failure END AS failure
FROM gateway.stages AS s
WHERE s.owner = $2 AND (
    s.entity = $1
    OR s.entity IN (SELECT render_id FROM gateway.renders WHERE owner = $2 AND clip_id = $1)
    OR s.entity IN (
        SELECT p.publication_id FROM gateway.publications AS p JOIN gateway.renders AS r USING (owner, render_id)
        WHERE p.owner = $2 AND r.clip_id = $1))
ORDER BY least(s.pending_sequence, s.result_sequence), s.result_sequence, s.entity, s.stage;

-- name: scan
-- One discovery.
SELECT * FROM gateway.scans WHERE scan_id = $1 AND ($2::text IS NULL OR owner = $2)
ORDER BY last_sequence DESC LIMIT 1;

-- name: totals
-- Events by subject.
SELECT subject, malformed, count FROM gateway.totals ORDER BY subject, malformed;

-- name: failure_totals
-- Failures by stage and kind.
SELECT stage, kind, count(*) AS count FROM gateway.failures GROUP BY stage, kind ORDER BY stage, kind;

-- name: publication_totals
-- Publications by state.
SELECT state, count(*) AS count FROM gateway.publications GROUP BY state ORDER BY state;

-- name: render_totals
-- Renders by state.
SELECT state, count(*) AS count FROM gateway.renders GROUP BY state ORDER BY state;

-- name: checkpoint
-- Up to where the read models are.
SELECT sequence FROM gateway.checkpoint;

-- name: remember_request
-- Take an idempotency key; the row that is there, whoever put it.
WITH taken AS (
    INSERT INTO gateway.requests (key, subject, digest, event_id) VALUES ($1, $2, $3, $4)
    ON CONFLICT (key, subject) DO NOTHING RETURNING digest, event_id, sequence
)
SELECT digest, event_id, sequence FROM taken
UNION ALL SELECT digest, event_id, sequence FROM gateway.requests WHERE key = $1 AND subject = $2
LIMIT 1;

-- name: request_stored
-- The command under this key is on the stream.
UPDATE gateway.requests SET sequence = $3 WHERE key = $1 AND subject = $2;

-- name: sweep_requests
-- Forget $2 of those that are older than $1.
DELETE FROM gateway.requests WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM gateway.requests WHERE made_at < now() - $1::interval LIMIT $2 FOR UPDATE SKIP LOCKED
));

-- name: only_renders
-- The shorts that nobody but an owner has.
SELECT r.render_id FROM gateway.renders AS r
WHERE r.owner = $1 AND NOT EXISTS (SELECT FROM gateway.renders AS o WHERE o.render_id = r.render_id AND o.owner <> $1);

-- name: only_candidates
-- The candidates that nobody but an owner has.
SELECT c.candidate_id, c.url FROM gateway.candidates AS c
WHERE c.owner = $1
    AND NOT EXISTS (SELECT FROM gateway.candidates AS o WHERE o.candidate_id = c.candidate_id AND o.owner <> $1);

-- name: events_of
-- What is stored of an owner, in its order. $2 behind which sequence, $3 how many.
SELECT sequence, body FROM gateway.events WHERE owner = $1 AND sequence > $2 ORDER BY sequence LIMIT $3;
