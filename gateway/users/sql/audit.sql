-- name: write
-- Who did what.
INSERT INTO users.audit (action, user_id, name, via, key, about, address, details)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id, at;

-- name: page
-- A page, newest first. $1 before, $2 limit, $3 user, or owner of what it is about, $4 action, or a family of them.
SELECT id, at, action, user_id, name, via, key, about, address, details FROM users.audit
WHERE ($1::bigint IS NULL OR id < $1)
    AND ($3::text IS NULL OR user_id = $3 OR about = $3 OR details ->> 'owner' = $3)
    AND ($4::text IS NULL OR action = $4 OR starts_with(action, $4 || '.'))
ORDER BY id DESC LIMIT $2;

-- name: sweep
-- $2 of those that are older than they have to be kept.
DELETE FROM users.audit WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM users.audit WHERE at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED
));

-- name: unname
-- A user ($1) who was deleted keeps their id here, and nothing else. $2 the name, under which somebody failed to log in.
WITH codes AS (UPDATE users.invitations SET used_by = $1, note = '' WHERE used_by IN ($1, $2))
UPDATE users.audit SET name = '', address = '', details = '{}', about = CASE WHEN about = $2 THEN $1 ELSE about END
WHERE user_id = $1 OR details ->> 'owner' = $1 OR (action = 'login.failed' AND about = $2);
