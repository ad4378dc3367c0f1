-- name: begin
-- A person goes to the platform.
INSERT INTO publisher.connections (connection, platform, secret, expires_at) VALUES ($1, $2, $3, $4);

-- name: take
-- They came back: in time, and from where they were sent to.
SELECT secret FROM publisher.connections
WHERE connection = $1 AND platform = $2 AND expires_at > $3 AND secret IS NOT NULL FOR UPDATE;

-- name: use
-- Only once.
UPDATE publisher.connections SET secret = NULL WHERE connection = $1;

-- name: settle
-- What came of it.
UPDATE publisher.connections SET outcome = $2 WHERE connection = $1;

-- name: one
-- How far it is.
SELECT * FROM publisher.connections WHERE connection = $1;

-- name: sweep
-- Nobody asks for these any more.
DELETE FROM publisher.connections WHERE expires_at < $1;

-- name: under_way
-- Those that somebody may come back to.
SELECT connection, secret FROM publisher.connections WHERE secret IS NOT NULL;

-- name: encrypt
-- The same secret under another key.
UPDATE publisher.connections SET secret = $2 WHERE connection = $1;
