-- Everything has an owner: the user whose command began it, '' for the operator. Where two users come upon the same
-- video, each has a row of their own, with their own decisions; so a row tells nothing of anybody else.

TRUNCATE gateway.events, gateway.totals, gateway.scans, gateway.candidates, gateway.clips, gateway.renders,
    gateway.publications, gateway.approvals, gateway.failures, gateway.stages;
UPDATE gateway.checkpoint SET sequence = 0, stream_created = NULL, fingerprint = NULL;

ALTER TABLE gateway.events ADD COLUMN owner text;

ALTER TABLE gateway.scans
    ADD COLUMN owner text NOT NULL,
    DROP CONSTRAINT scans_pkey,
    ADD PRIMARY KEY (owner, scan_id);

ALTER TABLE gateway.candidates
    ADD COLUMN owner text NOT NULL,
    DROP CONSTRAINT candidates_pkey,
    ADD PRIMARY KEY (owner, candidate_id);

ALTER TABLE gateway.clips
    ADD COLUMN owner text NOT NULL,
    DROP CONSTRAINT clips_pkey,
    ADD PRIMARY KEY (owner, clip_id);

ALTER TABLE gateway.renders
    ADD COLUMN owner text NOT NULL,
    DROP CONSTRAINT renders_pkey,
    ADD PRIMARY KEY (owner, render_id);

ALTER TABLE gateway.publications
    ADD COLUMN owner text NOT NULL,
    DROP CONSTRAINT publications_pkey,
    ADD PRIMARY KEY (owner, publication_id);

ALTER TABLE gateway.approvals
    ADD COLUMN owner text NOT NULL,
    DROP CONSTRAINT approvals_pkey,
    ADD PRIMARY KEY (owner, about, id);

ALTER TABLE gateway.stages
    ADD COLUMN owner text NOT NULL,
    DROP CONSTRAINT stages_pkey,
    ADD PRIMARY KEY (owner, entity, stage);

ALTER TABLE gateway.failures ADD COLUMN owner text NOT NULL;

-- By id alone, for admins; by owner in the order of the stream, for lists.
CREATE INDEX scans_id ON gateway.scans (scan_id);
CREATE INDEX candidates_id ON gateway.candidates (candidate_id);
CREATE INDEX clips_id ON gateway.clips (clip_id);
CREATE INDEX renders_id ON gateway.renders (render_id);
CREATE INDEX publications_id ON gateway.publications (publication_id);
CREATE INDEX stages_entity ON gateway.stages (entity);
CREATE INDEX candidates_owner ON gateway.candidates (owner, first_sequence);
CREATE INDEX clips_owner ON gateway.clips (owner, first_sequence);
CREATE INDEX renders_owner ON gateway.renders (owner, first_sequence);
CREATE INDEX publications_owner ON gateway.publications (owner, first_sequence);
CREATE INDEX approvals_owner ON gateway.approvals (owner, first_sequence);
CREATE INDEX events_owner ON gateway.events (owner, sequence);
CREATE INDEX failures_owner ON gateway.failures (owner, sequence);

-- Owners of whom nothing is shown any more. Not a read model: a rebuild leaves it alone.
CREATE TABLE gateway.forgotten (
    owner  text PRIMARY KEY,
    at     timestamptz NOT NULL DEFAULT now()
);
