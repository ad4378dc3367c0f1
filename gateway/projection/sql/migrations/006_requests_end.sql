-- Idempotency keys are remembered for a while only.
CREATE INDEX requests_made_at ON gateway.requests (made_at);
