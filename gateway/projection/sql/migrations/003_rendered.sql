-- A finished render waits for the decision to publish it: the read models are filled anew, so that earlier ones do too.

TRUNCATE gateway.events, gateway.totals, gateway.scans, gateway.candidates, gateway.clips, gateway.renders,
    gateway.publications, gateway.approvals, gateway.failures, gateway.stages;
UPDATE gateway.checkpoint SET sequence = 0, stream_created = NULL, fingerprint = NULL;
