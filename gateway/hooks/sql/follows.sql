-- name: make
-- Follow a YouTube channel.
INSERT INTO hooks.follows (follow_id, owner, approved_by, youtube_id, channel_id, niche, clips, secret, callback)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- name: count
-- How many an owner has.
SELECT count(*) FROM hooks.follows WHERE owner IS NOT DISTINCT FROM $1 AND NOT ended;

-- name: page
-- A page of those that are not ended, newest first. $1 before, $2 limit, $3 owner (NULL: of all).
SELECT * FROM hooks.follows
WHERE NOT ended AND ($1::bigint IS NULL OR number < $1) AND ($3::text IS NULL OR coalesce(owner, '') = $3)
ORDER BY number DESC LIMIT $2;

-- name: one
-- One that is not ended, if it is the owner's ($2; NULL: whoever's).
SELECT * FROM hooks.follows
WHERE follow_id = $1 AND NOT ended AND ($2::text IS NULL OR coalesce(owner, '') = $2);

-- name: any
-- One, ended or not: the hub may still tell of it.
SELECT * FROM hooks.follows WHERE follow_id = $1;

-- name: end
-- Nothing more is wanted; the hub is still to be told.
UPDATE hooks.follows SET ended = true, asked_at = NULL WHERE follow_id = $1;

-- name: confirmed
-- The hub asked whether we want it, and will tell for so many seconds.
UPDATE hooks.follows SET confirmed_at = now(), leased_until = now() + $2::float8 * interval '1 second', error = NULL
WHERE follow_id = $1;

-- name: remove
-- The hub knows that nothing more is wanted.
DELETE FROM hooks.follows WHERE follow_id = $1 AND ended;

-- name: heard
-- A video was told of.
UPDATE hooks.follows SET heard_at = now() WHERE follow_id = $1;

-- name: due
-- What the hub is to be asked: what it has not confirmed, leases that end within a day, and ends. Taken by asking: $1
-- seconds later it is due again, unless it was confirmed.
UPDATE hooks.follows SET asked_at = now()
WHERE (asked_at IS NULL OR asked_at < now() - $1::float8 * interval '1 second')
    AND (ended OR leased_until IS NULL OR leased_until < now() + interval '1 day')
RETURNING *;

-- name: failed
-- The hub would not.
UPDATE hooks.follows SET error = $2 WHERE follow_id = $1;

-- name: forget
-- The hub did not answer for a day that it is to end: by now it has heard often enough that nobody is here.
DELETE FROM hooks.follows WHERE ended AND coalesce(leased_until, made_at) < now() - interval '1 day';
