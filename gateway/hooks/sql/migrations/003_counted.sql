-- Attempts are counted. `said`: the owner of one that is disabled has been told.
ALTER TABLE hooks.webhooks
    ADD COLUMN sent bigint NOT NULL DEFAULT 0,
    ADD COLUMN failed bigint NOT NULL DEFAULT 0,
    ADD COLUMN said boolean NOT NULL DEFAULT true;
