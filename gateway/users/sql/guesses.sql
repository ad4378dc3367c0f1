-- name: count_guess
-- Count one before it is tried, so that many at a time are no way around; none, if it is too soon. $2 now, $3 how many
-- are free, $4 seconds to wait at most.
INSERT INTO users.guesses AS g (key, failures, last_at, until) VALUES ($1, 1, $2, $2)
ON CONFLICT (key) DO UPDATE SET
    failures = CASE WHEN g.last_at < $2 - interval '1 day' THEN 1 ELSE g.failures + 1 END,
    last_at = $2,
    until = CASE
        WHEN g.last_at < $2 - interval '1 day' OR g.failures + 1 < $3 THEN $2
        ELSE $2 + make_interval(secs => least($4::float8, power(2, least(30, g.failures + 1 - $3))))
    END
WHERE g.until <= $2
RETURNING failures;

-- name: wait_until
-- When the next one may come.
SELECT until FROM users.guesses WHERE key = $1;

-- name: forget_guesses
-- It was right.
DELETE FROM users.guesses WHERE key = $1;

-- name: take_back
-- It was right, from an address that others share: one guess less.
UPDATE users.guesses SET failures = failures - 1 WHERE key = $1 AND failures > 0;

-- name: sweep_guesses
-- $2 of those that count no more.
DELETE FROM users.guesses WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM users.guesses WHERE last_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED
));
