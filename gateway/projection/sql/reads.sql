-- name: candidates
-- A page of candidates, newest first. $1 before, $2 limit, $3 state, $4 channel, $5 scan.
SELECT * FROM gateway.candidates
WHERE ($1::bigint IS NULL OR first_sequence < $1)
    AND ($3::text IS NULL OR state = $3)
    AND ($4::text IS NULL OR channel_id = $4)
    AND ($5::text IS NULL OR scan_id = $5)
ORDER BY first_sequence DESC LIMIT $2;

-- name: candidate
-- One candidate.
SELECT * FROM gateway.candidates WHERE candidate_id = $1;

-- name: clips
-- A page of clips, newest first.
SELECT * FROM gateway.clips
WHERE ($1::bigint IS NULL OR first_sequence < $1) AND ($3::text IS NULL OR state = $3)
ORDER BY first_sequence DESC LIMIT $2;

-- name: clip
-- One clip.
SELECT * FROM gateway.clips WHERE clip_id = $1;

-- name: renders
-- A page of renders, newest first. $3 state, $4 clip.
SELECT * FROM gateway.renders
WHERE ($1::bigint IS NULL OR first_sequence < $1)
    AND ($3::text IS NULL OR state = $3)
    AND ($4::text IS NULL OR clip_id = $4)
ORDER BY first_sequence DESC LIMIT $2;

-- name: render
-- One render.
SELECT * FROM gateway.renders WHERE render_id = $1;

-- name: publications
-- A page of publications, newest first. $3 state, $4 render, $5 account.
SELECT * FROM gateway.publications
WHERE ($1::bigint IS NULL OR first_sequence < $1)
    AND ($3::text IS NULL OR state = $3)
    AND ($4::text IS NULL OR render_id = $4)
    AND ($5::text IS NULL OR account_id = $5)
ORDER BY first_sequence DESC LIMIT $2;

-- name: publication
-- One publication.
SELECT * FROM gateway.publications WHERE publication_id = $1;

-- name: failures
-- A page of failures, newest first. $3 the thing that failed.
SELECT * FROM gateway.failures
WHERE ($1::bigint IS NULL OR sequence < $1) AND ($3::text IS NULL OR entity = $3)
ORDER BY sequence DESC LIMIT $2;

-- name: approvals
-- A page of the questions that nobody has answered yet, newest first.
SELECT a.* FROM gateway.approvals AS a
WHERE ($1::bigint IS NULL OR a.first_sequence < $1)
    AND EXISTS (
        SELECT FROM gateway.stages AS s WHERE s.entity = a.id AND s.stage = 'approve' AND s.state = 'waiting')
ORDER BY a.first_sequence DESC LIMIT $2;

-- name: job_of
-- The job that an id belongs to: a candidate's own, the one of a render's or publication's clip, a scan, or what failed.
SELECT coalesce(
    (SELECT candidate_id FROM gateway.candidates WHERE candidate_id = $1),
    (SELECT scan_id FROM gateway.scans WHERE scan_id = $1),
    (SELECT clip_id FROM gateway.renders WHERE render_id = $1),
    (SELECT r.clip_id FROM gateway.publications AS p JOIN gateway.renders AS r USING (render_id) WHERE p.publication_id = $1),
    (SELECT entity FROM gateway.stages WHERE entity = $1 LIMIT 1),
    (SELECT key FROM gateway.events WHERE id = $1 AND key IS DISTINCT FROM $1 LIMIT 1));

-- name: jobs
-- A page of candidates with how far they are, newest first. $3 state, $4 channel.
SELECT c.candidate_id AS job_id, c.first_sequence, c.title, c.url, c.channel_id, c.score, j.*
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
    WHERE s.entity = c.candidate_id
        OR s.entity IN (SELECT render_id FROM gateway.renders WHERE clip_id = c.candidate_id)
        OR s.entity IN (
            SELECT p.publication_id FROM gateway.publications AS p JOIN gateway.renders AS r USING (render_id)
            WHERE r.clip_id = c.candidate_id)
) AS j
WHERE ($1::bigint IS NULL OR c.first_sequence < $1)
    AND ($3::text IS NULL OR j.state = $3)
    AND ($4::text IS NULL OR c.channel_id = $4)
ORDER BY c.first_sequence DESC LIMIT $2;

-- name: stages_of_job
-- Every stage of a candidate, of its renders and of their publications, in the order in which they began.
SELECT s.entity, s.stage, s.state, s.event_id, s.pending_time AS since,
    CASE WHEN s.state = 'pending' THEN s.pending_time ELSE s.result_time END AS time,
    CASE WHEN s.state = 'pending' THEN s.pending_sequence ELSE s.result_sequence END AS sequence,
    CASE WHEN s.state = 'failed' THEN s.failure END AS failure
FROM gateway.stages AS s
WHERE s.entity = $1
    OR s.entity IN (SELECT render_id FROM gateway.renders WHERE clip_id = $1)
    OR s.entity IN (
        SELECT p.publication_id FROM gateway.publications AS p JOIN gateway.renders AS r USING (render_id)
        WHERE r.clip_id = $1)
ORDER BY least(s.pending_sequence, s.result_sequence), s.result_sequence, s.entity, s.stage;

-- name: scan
-- One discovery.
SELECT * FROM gateway.scans WHERE scan_id = $1;

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
