-- name: make
-- A new webhook.
INSERT INTO hooks.webhooks (webhook_id, owner, url, subjects, note, secret, place)
VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: page
-- A page of webhooks, newest first. $1 before, $2 limit, $3 owner (NULL: of all).
SELECT w.*, s.waiting, s.dead
FROM hooks.webhooks AS w CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE d.next_at IS NOT NULL) AS waiting, count(*) FILTER (WHERE d.next_at IS NULL) AS dead
    FROM hooks.deliveries AS d WHERE d.webhook_id = w.webhook_id
) AS s
WHERE ($1::bigint IS NULL OR w.number < $1) AND ($3::text IS NULL OR coalesce(w.owner, '') = $3)
ORDER BY w.number DESC LIMIT $2;

-- name: one
-- One webhook, if it is the owner's ($2; NULL: whoever's).
SELECT w.*,
    (SELECT count(*) FROM hooks.deliveries AS d WHERE d.webhook_id = w.webhook_id AND d.next_at IS NOT NULL) AS waiting,
    (SELECT count(*) FROM hooks.deliveries AS d WHERE d.webhook_id = w.webhook_id AND d.next_at IS NULL) AS dead
FROM hooks.webhooks AS w WHERE w.webhook_id = $1 AND ($2::text IS NULL OR coalesce(w.owner, '') = $2);

-- name: count
-- How many an owner has.
SELECT count(*) FROM hooks.webhooks WHERE owner IS NOT DISTINCT FROM $1;

-- name: change
-- Another address, filter or note; paused or not ($5 NULL: as it is). Where it is said to go on, one that fails or was
-- given up begins anew, the latter at $6.
UPDATE hooks.webhooks SET url = $2, subjects = $3, note = $4, paused = coalesce($5::boolean, paused),
    place = CASE WHEN disabled_at IS NOT NULL AND NOT $5 THEN $6 ELSE place END,
    disabled_at = CASE WHEN $5 IS DISTINCT FROM false THEN disabled_at END,
    disabled_reason = CASE WHEN $5 IS DISTINCT FROM false THEN disabled_reason END,
    failing_since = CASE WHEN $5 IS DISTINCT FROM false THEN failing_since END
WHERE webhook_id = $1;

-- name: rotate
-- Another secret; the old one signs, too, for a day.
UPDATE hooks.webhooks SET old_secret = secret, old_until = now() + interval '1 day', secret = $2 WHERE webhook_id = $1;

-- name: remove
-- Forget a webhook and what waits for it.
DELETE FROM hooks.webhooks WHERE webhook_id = $1;

-- name: deliveries
-- A page of what waits or was given up ($4: dead alone), newest first. $2 before, $3 limit. `paused`: nothing is sent.
SELECT d.sequence, d.event_id, d.subject, d.made_at, d.attempts, s.next_at, d.tried_at, d.status, d.error,
    CASE WHEN d.next_at IS NULL THEN 'dead' WHEN s.next_at IS NULL THEN 'paused' ELSE 'waiting' END AS state
FROM hooks.deliveries AS d LEFT JOIN hooks.sendable AS s USING (webhook_id, sequence)
WHERE d.webhook_id = $1 AND ($2::bigint IS NULL OR d.sequence < $2) AND (NOT $4 OR d.next_at IS NULL)
ORDER BY d.sequence DESC LIMIT $3;

-- name: send_again
-- What was given up begins anew; one of it, or all ($2 NULL).
WITH again AS (
    UPDATE hooks.deliveries SET next_at = now(), attempts = 0
    WHERE webhook_id = $1 AND next_at IS NULL AND ($2::bigint IS NULL OR sequence = $2) RETURNING 1
) SELECT count(*) FROM again;

-- name: try_singleton
-- One process at a time tells the webhooks.
SELECT pg_try_advisory_lock(7306080140112107);

-- name: read_place
-- Up to where the stream was looked through, or where the first webhook begins: nobody wants what was before.
SELECT greatest(p.sequence, w.place) AS sequence, p.stream_created
FROM (SELECT min(place) AS place FROM hooks.webhooks WHERE disabled_at IS NULL) AS w LEFT JOIN hooks.place AS p ON true;

-- name: set_place
-- The same, moved.
INSERT INTO hooks.place (sequence, stream_created) VALUES ($1, $2)
ON CONFLICT (one) DO UPDATE SET sequence = excluded.sequence, stream_created = excluded.stream_created;

-- name: fan_out
-- Deliveries for everybody who wants these events: columns of sequence, id, subject, owner, body. An admin sees all.
INSERT INTO hooks.deliveries (webhook_id, sequence, event_id, subject, owner, body)
SELECT w.webhook_id, e.sequence, e.event_id, e.subject, e.owner, e.body
FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[])
    AS e (sequence, event_id, subject, owner, body)
JOIN hooks.webhooks AS w ON w.place < e.sequence AND (w.subjects = '{}' OR e.subject = ANY (w.subjects))
LEFT JOIN users.users AS u ON u.id = w.owner
WHERE w.disabled_at IS NULL
    AND (w.owner IS NULL OR (u.disabled_at IS NULL AND (u.role = 'admin' OR w.owner = e.owner)))
ON CONFLICT DO NOTHING;

-- name: due
-- What is to be sent now, the oldest first; at most $2 of a webhook, without those under way ($3 webhooks, $4 sequences).
SELECT webhook_id, sequence, event_id, body, attempts, url, secret, old_secret FROM (
    SELECT d.*, row_number() OVER (PARTITION BY d.webhook_id ORDER BY d.next_at) AS nth
    FROM hooks.sendable AS d
    WHERE d.next_at <= now() AND (d.webhook_id, d.sequence) NOT IN (SELECT * FROM unnest($3::text[], $4::bigint[]))
) AS waiting
WHERE nth <= $2 ORDER BY next_at LIMIT $1;

-- name: next_due
-- Seconds until something is to be sent.
SELECT extract(epoch FROM min(next_at) - now())::float8 FROM hooks.sendable;

-- name: taken
-- It arrived.
WITH gone AS (DELETE FROM hooks.deliveries WHERE webhook_id = $1 AND sequence = $2)
UPDATE hooks.webhooks SET failing_since = NULL, delivered_at = now(), sent = sent + 1 WHERE webhook_id = $1;

-- name: failed
-- It did not arrive: the next attempt after $3 seconds, or never. Returns since when nothing arrives there.
WITH tried AS (
    UPDATE hooks.deliveries SET attempts = attempts + 1, tried_at = now(), status = $4, error = $5,
        next_at = now() + $3::float8 * interval '1 second'
    WHERE webhook_id = $1 AND sequence = $2
)
UPDATE hooks.webhooks SET failing_since = coalesce(failing_since, now()), failed = failed + 1 WHERE webhook_id = $1
RETURNING extract(epoch FROM now() - failing_since)::float8;

-- name: disable
-- Nothing is sent there any more, until a person says so.
UPDATE hooks.webhooks SET disabled_at = now(), disabled_reason = $2 WHERE webhook_id = $1 AND disabled_at IS NULL
RETURNING owner;

-- name: any
-- Whether there is a webhook that is told of anything.
SELECT EXISTS (SELECT FROM hooks.webhooks WHERE disabled_at IS NULL);

-- name: tell
-- Whoever tells the webhooks looks at what there is to do.
SELECT pg_notify('hooks', '');

-- name: sweep
-- Forget $2 of those that were given up, or wait for a webhook to which they are not sent, for longer than $1.
DELETE FROM hooks.deliveries WHERE ctid = ANY (ARRAY(
    SELECT d.ctid FROM hooks.deliveries AS d
    WHERE coalesce(d.tried_at, d.made_at) < now() - $1::interval AND NOT EXISTS (
        SELECT FROM hooks.sendable AS s WHERE s.webhook_id = d.webhook_id AND s.sequence = d.sequence
    )
    LIMIT $2 FOR UPDATE OF d SKIP LOCKED
));

-- name: webhook_totals
-- Webhooks by state.
SELECT CASE WHEN disabled_at IS NOT NULL THEN 'disabled' WHEN paused THEN 'paused'
    WHEN failing_since IS NOT NULL THEN 'failing' ELSE 'on' END AS state, count(*) AS count
FROM hooks.webhooks GROUP BY 1 ORDER BY 1;

-- name: delivery_totals
-- What has not arrived, by state; `paused`: nothing is sent to its webhook.
SELECT CASE WHEN d.next_at IS NULL THEN 'dead' WHEN w.paused OR w.disabled_at IS NOT NULL THEN 'paused'
    ELSE 'waiting' END AS state, count(*) AS count
FROM hooks.deliveries AS d JOIN hooks.webhooks AS w USING (webhook_id) GROUP BY 1 ORDER BY 1;

-- name: attempt_totals
-- Attempts, by what came of them.
SELECT t.outcome, t.count FROM (SELECT coalesce(sum(sent), 0) AS sent, coalesce(sum(failed), 0) AS failed FROM hooks.webhooks)
    AS w, LATERAL (VALUES ('sent', w.sent), ('failed', w.failed)) AS t (outcome, count);
