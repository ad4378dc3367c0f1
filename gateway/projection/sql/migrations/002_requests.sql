-- What was answered under an Idempotency-Key. Not a read model: a rebuild leaves it alone.

CREATE TABLE gateway.requests (
    key       text NOT NULL,
    subject   text NOT NULL,
    digest    text NOT NULL,
    event_id  text NOT NULL,
    sequence  bigint,
    made_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (key, subject)
);
