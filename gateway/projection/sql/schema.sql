-- name: lock
-- One process at a time changes the schema.
SELECT pg_advisory_xact_lock(7306080140112101);

-- name: schema
-- Where the migrations are written down.
CREATE SCHEMA IF NOT EXISTS gateway;
CREATE TABLE IF NOT EXISTS gateway.migrations (name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now());

-- name: applied
-- The migrations that this database has.
SELECT name FROM gateway.migrations;

-- name: record
-- One more.
INSERT INTO gateway.migrations (name) VALUES ($1);
