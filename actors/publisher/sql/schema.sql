-- name: lock
-- One process at a time changes the schema.
SELECT pg_advisory_xact_lock(7306080140112103);

-- name: schema
-- Where the migrations are written down.
CREATE SCHEMA IF NOT EXISTS publisher;
CREATE TABLE IF NOT EXISTS publisher.migrations (name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now());

-- name: applied
-- The migrations that this database has.
SELECT name FROM publisher.migrations;

-- name: record
-- One more.
INSERT INTO publisher.migrations (name) VALUES ($1);
