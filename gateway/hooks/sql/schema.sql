-- name: lock
-- One process at a time changes the schema.
SELECT pg_advisory_xact_lock(7306080140112106);

-- name: schema
-- Where the migrations are written down.
CREATE SCHEMA IF NOT EXISTS hooks;
CREATE TABLE IF NOT EXISTS hooks.migrations (name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now());

-- name: applied
-- The migrations that this database has.
SELECT name FROM hooks.migrations;

-- name: record
-- One more.
INSERT INTO hooks.migrations (name) VALUES ($1);
