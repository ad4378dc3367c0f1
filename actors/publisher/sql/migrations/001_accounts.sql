-- Accounts with their tokens, and connections under way. What is secret is encrypted before it comes here.
CREATE TABLE publisher.accounts (
    account_id text PRIMARY KEY,
    platform text NOT NULL,
    title text NOT NULL,
    owner text NOT NULL,
    state text NOT NULL DEFAULT 'ready' CHECK (state IN ('ready', 'reconnect')),
    reason text,
    scopes text[] NOT NULL DEFAULT '{}',
    details jsonb NOT NULL DEFAULT '{}',
    tokens bytea NOT NULL,
    version bigint NOT NULL DEFAULT 1,
    connected_at timestamptz NOT NULL,
    renewed_at timestamptz NOT NULL,
    expires_at timestamptz,
    login_until timestamptz,
    due_at timestamptz,
    lost_said boolean NOT NULL DEFAULT false,
    ending_said timestamptz
);
COMMENT ON COLUMN publisher.accounts.version IS 'grows with every change of the tokens';
COMMENT ON COLUMN publisher.accounts.due_at IS 'when a keeper renews it; moved on while one is at it';
COMMENT ON COLUMN publisher.accounts.lost_said IS 'work.failed is on the stream about this state';
COMMENT ON COLUMN publisher.accounts.ending_said IS 'the login_until that people were told of';
CREATE INDEX accounts_due ON publisher.accounts (due_at) WHERE state = 'ready';

CREATE TABLE publisher.connections (
    connection text PRIMARY KEY,
    platform text NOT NULL,
    secret bytea,
    expires_at timestamptz NOT NULL,
    outcome jsonb
);
COMMENT ON COLUMN publisher.connections.connection IS 'SHA-256 of the state, which nobody keeps';
COMMENT ON COLUMN publisher.connections.secret IS 'verifier and what was typed in; gone once it was used';
