-- name: add_invitation
-- For a new user, or (with $5) for a new password of one who is there.
INSERT INTO users.invitations (id, digest, role, note, resets, made_by, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
RETURNING id, role, note, resets, made_by, made_at, expires_at, used_at, used_by;

-- name: is_good
-- Whether a code can be used: an invitation or, with $3, one for a new password. What an admin has made ends with them.
SELECT EXISTS (
    SELECT FROM users.good_invitations WHERE digest = $1 AND expires_at > $2 AND (resets IS NOT NULL) = $3);

-- name: use_invitation
-- Take it: of many that come with the same, one gets the row.
UPDATE users.invitations SET used_at = now(), used_by = $2
WHERE used_at IS NULL AND id = (
    SELECT id FROM users.good_invitations WHERE digest = $1 AND expires_at > $3 AND resets IS NULL)
RETURNING role;

-- name: use_reset
-- Take the code for a new password.
UPDATE users.invitations SET used_at = now(), used_by = resets
WHERE used_at IS NULL AND id = (
    SELECT id FROM users.good_invitations WHERE digest = $1 AND expires_at > $2 AND resets IS NOT NULL)
RETURNING resets;

-- name: invitations
-- Those of the last months, the newest first.
SELECT id, role, note, resets, made_by, made_at, expires_at, used_at, used_by FROM users.invitations
ORDER BY made_at DESC, id LIMIT 1000;

-- name: end_invitation
-- One that nobody has used.
DELETE FROM users.invitations WHERE id = $1 AND used_at IS NULL RETURNING id;

-- name: sweep_invitations
-- $2 of those that were good until long ago.
DELETE FROM users.invitations WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM users.invitations WHERE expires_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED
));
