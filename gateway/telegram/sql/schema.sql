-- name: lock
-- One process at a time changes the schema.
SELECT pg_advisory_xact_lock(7306080140112111);

-- name: schema
-- Where the migrations are written down.
CREATE SCHEMA IF NOT EXISTS telegram;
CREATE TABLE IF NOT EXISTS telegram.migrations (name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now());

-- name: applied
-- The migrations that this database has.
SELECT name FROM telegram.migrations;

-- name: record
-- One more.
INSERT INTO telegram.migrations (name) VALUES ($1);

-- name: be_alone
-- Wait until this connection is the one that speaks: a bot can be asked for updates by one process alone.
SELECT pg_advisory_lock(7306080140112112);
