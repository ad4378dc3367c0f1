-- Read models: a pure function of the EVENTS stream, which may be emptied and filled again at any time.

CREATE TABLE gateway.checkpoint (
    one             boolean PRIMARY KEY DEFAULT true CHECK (one),
    sequence        bigint NOT NULL,
    stream_created  timestamptz,
    fingerprint     text
);
INSERT INTO gateway.checkpoint (sequence) VALUES (0);

CREATE TABLE gateway.events (
    sequence     bigint PRIMARY KEY,
    subject      text NOT NULL,
    stored_at    timestamptz NOT NULL,
    id           text,
    type         text,
    source       text,
    key          text,
    time         timestamptz,
    correlation  text,
    causation    text,
    body         jsonb,
    raw          bytea,
    malformed    text
);
CREATE INDEX events_key ON gateway.events (key, sequence);
CREATE INDEX events_id ON gateway.events (id);

CREATE TABLE gateway.totals (
    subject    text NOT NULL,
    malformed  boolean NOT NULL,
    count      bigint NOT NULL,
    PRIMARY KEY (subject, malformed)
);

CREATE TABLE gateway.scans (
    scan_id             text PRIMARY KEY,
    first_sequence      bigint NOT NULL UNIQUE,
    last_sequence       bigint NOT NULL,
    updated_at          timestamptz NOT NULL,
    niche               text,
    channel_id          text,
    found               integer,
    sources             jsonb,
    requested_sequence  bigint,
    done_sequence       bigint
);

CREATE TABLE gateway.candidates (
    candidate_id       text PRIMARY KEY,
    first_sequence     bigint NOT NULL UNIQUE,
    last_sequence      bigint NOT NULL,
    updated_at         timestamptz NOT NULL,
    channel_id         text,
    niche              text,
    scan_id            text,
    url                text,
    title              text,
    source             text,
    score              double precision,
    method             text,
    parts              jsonb,
    candidate          jsonb,
    decided_by         text,
    decision_reason    text,
    found_sequence     bigint,
    ranked_sequence    bigint,
    asked_sequence     bigint,
    approved_sequence  bigint,
    rejected_sequence  bigint,
    -- A decision stands until the next one; being found again changes none.
    state              text NOT NULL GENERATED ALWAYS AS (
        CASE
            WHEN approved_sequence > coalesce(rejected_sequence, 0) THEN 'approved'
            WHEN rejected_sequence IS NOT NULL THEN 'rejected'
            WHEN asked_sequence IS NOT NULL THEN 'asked'
            WHEN ranked_sequence IS NOT NULL THEN 'ranked'
            ELSE 'found'
        END
    ) STORED
);
CREATE INDEX candidates_state ON gateway.candidates (state, first_sequence);
CREATE INDEX candidates_scan ON gateway.candidates (scan_id);

CREATE TABLE gateway.clips (
    clip_id               text PRIMARY KEY,
    first_sequence        bigint NOT NULL UNIQUE,
    last_sequence         bigint NOT NULL,
    updated_at            timestamptz NOT NULL,
    channel_id            text,
    title                 text,
    clip                  jsonb,
    transcript            jsonb,
    no_transcript         text,
    analysis              text,
    method                text,
    moments               jsonb,
    downloaded_sequence   bigint,
    transcribed_sequence  bigint,
    analyzed_sequence     bigint,
    state                 text NOT NULL GENERATED ALWAYS AS (
        CASE
            WHEN analyzed_sequence IS NOT NULL THEN 'analyzed'
            WHEN transcribed_sequence IS NOT NULL THEN 'transcribed'
            ELSE 'downloaded'
        END
    ) STORED
);

CREATE TABLE gateway.renders (
    render_id           text PRIMARY KEY,
    first_sequence      bigint NOT NULL UNIQUE,
    last_sequence       bigint NOT NULL,
    updated_at          timestamptz NOT NULL,
    clip_id             text,
    channel_id          text,
    title               text,
    start_s             double precision,
    end_s               double precision,
    request             jsonb,
    render              jsonb,
    reject_reason       text,
    requested_sequence  bigint,
    done_sequence       bigint,
    failed_sequence     bigint,
    rejected_sequence   bigint,
    state               text NOT NULL GENERATED ALWAYS AS (
        CASE greatest(requested_sequence, done_sequence, failed_sequence, rejected_sequence)
            WHEN rejected_sequence THEN 'rejected'
            WHEN failed_sequence THEN 'failed'
            WHEN done_sequence THEN 'done'
            ELSE 'pending'
        END
    ) STORED
);
CREATE INDEX renders_clip ON gateway.renders (clip_id, first_sequence);
CREATE INDEX renders_state ON gateway.renders (state, first_sequence);

CREATE TABLE gateway.publications (
    publication_id        text PRIMARY KEY,
    first_sequence        bigint NOT NULL UNIQUE,
    last_sequence         bigint NOT NULL,
    updated_at            timestamptz NOT NULL,
    render_id             text,
    account_id            text,
    channel_id            text,
    requested_by          text,
    title                 text,
    publication           jsonb,
    unconfirmed_reason    text,
    unconfirmed_advice    text,
    requested_sequence    bigint,
    done_sequence         bigint,
    unconfirmed_sequence  bigint,
    failed_sequence       bigint,
    -- Once published it stays so, whatever is asked afterwards.
    state                 text NOT NULL GENERATED ALWAYS AS (
        CASE
            WHEN done_sequence IS NOT NULL THEN 'done'
            ELSE CASE greatest(requested_sequence, unconfirmed_sequence, failed_sequence)
                WHEN unconfirmed_sequence THEN 'unconfirmed'
                WHEN failed_sequence THEN 'failed'
                ELSE 'pending'
            END
        END
    ) STORED
);
CREATE INDEX publications_render ON gateway.publications (render_id, first_sequence);
CREATE INDEX publications_state ON gateway.publications (state, first_sequence);

CREATE TABLE gateway.approvals (
    about           text NOT NULL,
    id              text NOT NULL,
    first_sequence  bigint NOT NULL UNIQUE,
    last_sequence   bigint NOT NULL,
    updated_at      timestamptz NOT NULL,
    channel_id      text,
    title           text,
    reason          text,
    yes             text,
    no              text,
    accounts        jsonb,
    PRIMARY KEY (about, id)
);

CREATE TABLE gateway.failures (
    sequence  bigint PRIMARY KEY,
    time      timestamptz NOT NULL,
    entity    text NOT NULL,
    stage     text NOT NULL,
    actor     text NOT NULL,
    subject   text NOT NULL,
    event_id  text NOT NULL,
    kind      text NOT NULL,
    what      text NOT NULL,
    advice    text NOT NULL,
    field     text,
    attempts  integer NOT NULL
);
CREATE INDEX failures_entity ON gateway.failures (entity, sequence);

CREATE TABLE gateway.stages (
    entity            text NOT NULL,
    stage             text NOT NULL,
    pending_sequence  bigint,
    pending_time      timestamptz,
    result            text,
    result_sequence   bigint,
    result_time       timestamptz,
    event_id          text,
    failure           jsonb,
    -- A decision and a publication are made once: asking for them again changes nothing.
    state             text NOT NULL GENERATED ALWAYS AS (
        CASE
            WHEN result IS NULL THEN 'pending'
            WHEN stage IN ('approve', 'publish') AND result IN ('done', 'rejected', 'waiting') THEN result
            WHEN pending_sequence > result_sequence THEN 'pending'
            ELSE result
        END
    ) STORED,
    PRIMARY KEY (entity, stage)
);
