-- Who is told of what, and what they have not taken yet. No read model: no replay makes it again.

-- `owner`: whose it is; NULL: the operator's. `place`: the sequence behind which it begins.
CREATE TABLE hooks.webhooks (
    webhook_id      text PRIMARY KEY,
    number          bigint GENERATED ALWAYS AS IDENTITY,
    owner           text REFERENCES users.users ON DELETE CASCADE,
    url             text NOT NULL,
    subjects        text[] NOT NULL,
    note            text NOT NULL DEFAULT '',
    secret          bytea NOT NULL,
    old_secret      bytea,
    old_until       timestamptz,
    place           bigint NOT NULL,
    made_at         timestamptz NOT NULL DEFAULT now(),
    paused          boolean NOT NULL DEFAULT false,
    disabled_at     timestamptz,
    disabled_reason text,
    failing_since   timestamptz,
    delivered_at    timestamptz
);
CREATE INDEX webhooks_owner ON hooks.webhooks (owner, webhook_id);

-- What waits to be sent, and what was given up. What was taken is gone: the stream has it. `next_at` NULL: given up.
CREATE TABLE hooks.deliveries (
    webhook_id  text NOT NULL REFERENCES hooks.webhooks ON DELETE CASCADE,
    sequence    bigint NOT NULL,
    event_id    text NOT NULL,
    subject     text NOT NULL,
    body        text NOT NULL,
    made_at     timestamptz NOT NULL DEFAULT now(),
    attempts    integer NOT NULL DEFAULT 0,
    next_at     timestamptz DEFAULT now(),
    tried_at    timestamptz,
    status      integer,
    error       text,
    PRIMARY KEY (webhook_id, sequence)
);
CREATE INDEX deliveries_due ON hooks.deliveries (next_at) WHERE next_at IS NOT NULL;

-- Up to where the stream was looked through; one row.
CREATE TABLE hooks.place (
    one             boolean PRIMARY KEY DEFAULT true CHECK (one),
    sequence        bigint NOT NULL,
    stream_created  timestamptz NOT NULL
);

-- YouTube channels that are followed: a hub tells us of their new videos.
CREATE TABLE hooks.follows (
    follow_id       text PRIMARY KEY,
    number          bigint GENERATED ALWAYS AS IDENTITY,
    owner           text REFERENCES users.users ON DELETE CASCADE,
    approved_by     text NOT NULL,
    youtube_id      text NOT NULL,
    channel_id      text NOT NULL,
    niche           text NOT NULL DEFAULT '',
    clips           integer,
    secret          bytea NOT NULL,
    callback        text NOT NULL,
    made_at         timestamptz NOT NULL DEFAULT now(),
    ended           boolean NOT NULL DEFAULT false,
    asked_at        timestamptz,
    confirmed_at    timestamptz,
    leased_until    timestamptz,
    error           text,
    heard_at        timestamptz
);
CREATE INDEX follows_owner ON hooks.follows (owner, follow_id);
