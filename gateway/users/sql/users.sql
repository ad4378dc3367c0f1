-- name: user
-- One user, by id.
SELECT id, name, role, service, made_at, disabled_at FROM users.users WHERE id = $1;
