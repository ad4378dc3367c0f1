-- name: user
-- One user, by id.
SELECT id, name, role, service, made_at, disabled_at FROM users.users WHERE id = $1;

-- name: user_named
-- One user, by name.
SELECT id, name, role, service, made_at, disabled_at FROM users.users WHERE name = $1;

-- name: all_users
-- Every user, the first one first.
SELECT id, name, role, service, made_at, disabled_at FROM users.users ORDER BY made_at, id;

-- name: password
-- What is kept of a user's password; none for a service.
SELECT id, password FROM users.users WHERE name = $1 AND disabled_at IS NULL;

-- name: lock_registration
-- One registration at a time, so that only one can be the first.
SELECT pg_advisory_xact_lock(7306080140112105);

-- name: is_first
-- Whether nobody has registered yet.
SELECT NOT EXISTS (SELECT FROM users.users WHERE NOT service);

-- name: add_user
-- A new user; none, if the name is taken.
INSERT INTO users.users (id, name, role, password, service) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (name) DO NOTHING RETURNING id, name, role, service, made_at, disabled_at;

-- name: set_password
-- Another password, or another hash of the same (with $3: in the place of that one).
UPDATE users.users SET password = $2 WHERE id = $1 AND NOT service AND ($3::text IS NULL OR password = $3);

-- name: rename
-- Another name; refused by its constraint if it is taken.
UPDATE users.users SET name = $2 WHERE id = $1 RETURNING id, name, role, service, made_at, disabled_at;

-- name: change_user
-- Another role, disabled or enabled again; what is NULL stays.
UPDATE users.users SET
    role = coalesce($2, role),
    disabled_at = CASE WHEN $3::boolean THEN coalesce(disabled_at, now()) WHEN NOT $3::boolean THEN NULL ELSE disabled_at END
WHERE id = $1 RETURNING id, name, role, service, made_at, disabled_at;

-- name: delete_user
-- With everything that hangs on them.
DELETE FROM users.users WHERE id = $1;
