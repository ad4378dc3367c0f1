-- name: one
-- An account.
SELECT * FROM publisher.accounts WHERE account_id = $1;

-- name: all
-- Every account.
SELECT * FROM publisher.accounts ORDER BY account_id;

-- name: lock_one
-- An account, which nobody else changes meanwhile.
SELECT * FROM publisher.accounts WHERE account_id = $1 FOR UPDATE;

-- name: write_lock
-- Before anything is encrypted: no key is forgotten meanwhile.
LOCK TABLE publisher.accounts IN ROW EXCLUSIVE MODE;

-- name: rotate_lock
-- Nobody encrypts meanwhile; who only reads goes on.
LOCK TABLE publisher.accounts IN EXCLUSIVE MODE;

-- name: sample
-- Something encrypted, to see whether the key is the right one.
SELECT account_id, tokens FROM publisher.accounts LIMIT 1;

-- name: connect
-- A new account, or one that is connected again: it stays as old as it is, and a user's whose the operator helps.
INSERT INTO publisher.accounts AS known (account_id, platform, title, owner, scopes, details, tokens, connected_at,
    renewed_at, expires_at, login_until, due_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9, $10, $11)
ON CONFLICT (account_id) DO UPDATE SET title = $3,
    owner = CASE $4 WHEN 'operator' THEN known.owner ELSE $4 END, scopes = $5, details = $6, tokens = $7,
    renewed_at = $8, expires_at = $9, login_until = $10, due_at = $11, version = known.version + 1, state = 'ready',
    reason = NULL, lost_said = false
RETURNING *;

-- name: renew
-- Fresh tokens.
UPDATE publisher.accounts SET tokens = $2, scopes = $3, renewed_at = $4, expires_at = $5, login_until = $6, due_at = $7,
    version = version + 1
WHERE account_id = $1;

-- name: lose
-- The platform takes its tokens no more.
UPDATE publisher.accounts SET state = 'reconnect', reason = $2, due_at = NULL, lost_said = false WHERE account_id = $1;

-- name: postpone
-- Look after it again at that time.
UPDATE publisher.accounts SET due_at = $2 WHERE account_id = $1;

-- name: take_due
-- One that is due, for whoever asks first; the next gets it only where nothing has come of it by then.
UPDATE publisher.accounts SET due_at = $2 WHERE account_id = (
    SELECT account_id FROM publisher.accounts WHERE state = 'ready' AND due_at <= $1
    ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING account_id, version;

-- name: next_due
-- When the next one is due.
SELECT min(due_at) FROM publisher.accounts WHERE state = 'ready';

-- name: lost_unsaid
-- Accounts that have to be connected again, of which nobody was told.
SELECT * FROM publisher.accounts WHERE state = 'reconnect' AND NOT lost_said;

-- name: say_lost
-- It is said.
UPDATE publisher.accounts SET lost_said = true WHERE account_id = $1 AND version = $2;

-- name: ending_unsaid
-- Accounts whose login ends soon, of which nobody was told.
SELECT * FROM publisher.accounts
WHERE state = 'ready' AND login_until <= $1 AND ending_said IS DISTINCT FROM login_until;

-- name: say_ending
-- It is said.
UPDATE publisher.accounts SET ending_said = $2 WHERE account_id = $1;

-- name: remove
-- Forget it.
DELETE FROM publisher.accounts WHERE account_id = $1;

-- name: encrypt
-- The same tokens under another key.
UPDATE publisher.accounts SET tokens = $2 WHERE account_id = $1;
