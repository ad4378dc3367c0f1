-- name: add_session
-- A login with the password whose hash is $5; none, if it is another one since. A change of it waits for this.
INSERT INTO users.sessions (id, user_id, address, agent)
SELECT $1, id, $3, $4 FROM users.users WHERE id = $2 AND password = $5 FOR SHARE
RETURNING id;

-- name: add_refresh
-- Its next refresh token.
INSERT INTO users.refresh_tokens (digest, session_id, expires_at) VALUES ($1, $2, $3);

-- name: use_refresh
-- Take a refresh token: of many that come with the same, one gets the row.
UPDATE users.refresh_tokens SET used_at = now()
WHERE digest = $1 AND used_at IS NULL AND expires_at > $2
RETURNING session_id;

-- name: refresh_token
-- The session that a refresh token belongs to, and whether it was used.
SELECT r.session_id, r.used_at IS NOT NULL AS used, s.user_id
FROM users.refresh_tokens AS r JOIN users.sessions AS s ON s.id = r.session_id WHERE r.digest = $1;

-- name: session_user
-- Who is behind a session; none, if it has ended.
SELECT u.id, u.name, u.role, u.service, u.made_at, u.disabled_at
FROM users.sessions AS s JOIN users.users AS u ON u.id = s.user_id WHERE s.id = $1 AND u.disabled_at IS NULL;

-- name: used_session
-- It was refreshed, from here.
UPDATE users.sessions SET used_at = now(), address = $2, agent = $3 WHERE id = $1;

-- name: sessions
-- The logins of a user, the last used first.
SELECT id, made_at, used_at, address, agent FROM users.sessions WHERE user_id = $1 ORDER BY used_at DESC;

-- name: end_session
-- One login of a user, with its tokens.
DELETE FROM users.sessions WHERE id = $1 AND user_id = $2 RETURNING id;

-- name: end_sessions
-- Every login of a user, but for one.
DELETE FROM users.sessions WHERE user_id = $1 AND id IS DISTINCT FROM $2;

-- name: sweep_sessions
-- $2 of those that nobody can refresh any more.
DELETE FROM users.sessions WHERE ctid = ANY (ARRAY(
    SELECT s.ctid FROM users.sessions AS s
    WHERE NOT EXISTS (SELECT FROM users.refresh_tokens AS r WHERE r.session_id = s.id AND r.expires_at >= $1)
    LIMIT $2 FOR UPDATE OF s SKIP LOCKED
));

-- name: sweep_refresh
-- $2 of the tokens that nobody can use any more, and of used ones that are as old as an unused one could be.
DELETE FROM users.refresh_tokens WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM users.refresh_tokens WHERE expires_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED
));

-- name: is_known_address
-- Whether a user of this name is logged in from an address.
SELECT EXISTS (
    SELECT FROM users.sessions AS s JOIN users.users AS u ON u.id = s.user_id WHERE u.name = $1 AND s.address = $2);

-- name: add_token
-- An API token.
INSERT INTO users.api_tokens (id, user_id, title, digest, scopes, expires_at) VALUES ($1, $2, $3, $4, $5, $6)
RETURNING id, title, scopes, made_at, expires_at, used_at;

-- name: tokens
-- The API tokens of a user, the newest first.
SELECT id, title, scopes, made_at, expires_at, used_at FROM users.api_tokens WHERE user_id = $1 ORDER BY made_at DESC, id;

-- name: token_user
-- Who is behind an API token, and what it is narrowed to; none, if it has ended.
SELECT t.id AS token_id, t.scopes, t.expires_at, u.id, u.name, u.role, u.service, u.made_at, u.disabled_at
FROM users.api_tokens AS t JOIN users.users AS u ON u.id = t.user_id
WHERE t.digest = $1 AND u.disabled_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > $2);

-- name: user_of_token
-- The same by the id of the token, for what stays open.
SELECT u.id, u.name, u.role, u.service, u.made_at, u.disabled_at
FROM users.api_tokens AS t JOIN users.users AS u ON u.id = t.user_id
WHERE t.id = $1 AND u.disabled_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > $2);

-- name: used_token
-- When an API token was used last, to the minute.
UPDATE users.api_tokens SET used_at = now() WHERE id = $1 AND (used_at IS NULL OR used_at < now() - interval '1 minute');

-- name: end_token
-- An API token of a user.
DELETE FROM users.api_tokens WHERE id = $1 AND user_id = $2 RETURNING id;
