-- A publication may wait for its time, or for another render that suits its platform; why one failed is told with it.

ALTER TABLE gateway.publications
    ADD COLUMN planned_at timestamptz,
    ADD COLUMN planned_note text,
    ADD COLUMN anew text,
    ADD COLUMN planned_sequence bigint,
    ADD COLUMN failed_what text,
    ADD COLUMN failed_advice text,
    DROP COLUMN state;
ALTER TABLE gateway.publications
    -- Once published it stays so, whatever is asked afterwards.
    ADD COLUMN state text NOT NULL GENERATED ALWAYS AS (
        CASE
            WHEN done_sequence IS NOT NULL THEN 'done'
            ELSE CASE greatest(requested_sequence, planned_sequence, unconfirmed_sequence, failed_sequence)
                WHEN unconfirmed_sequence THEN 'unconfirmed'
                WHEN failed_sequence THEN 'failed'
                WHEN planned_sequence THEN CASE WHEN anew IS NULL THEN 'planned' ELSE 'replaced' END
                ELSE 'pending'
            END
        END
    ) STORED;
CREATE INDEX publications_state ON gateway.publications (state, first_sequence);

TRUNCATE gateway.events, gateway.totals, gateway.scans, gateway.candidates, gateway.clips, gateway.renders,
    gateway.publications, gateway.approvals, gateway.failures, gateway.stages;
UPDATE gateway.checkpoint SET sequence = 0, stream_created = NULL, fingerprint = NULL;
