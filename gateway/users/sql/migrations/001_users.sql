-- Who may enter, and how they prove it. Of tokens and codes a SHA-256 is kept, of passwords an Argon2id hash.

CREATE TABLE users.users (
    id           text PRIMARY KEY,
    name         text NOT NULL UNIQUE,
    role         text NOT NULL CHECK (role IN ('viewer', 'creator', 'admin')),
    password     text,
    service      boolean NOT NULL DEFAULT false,
    made_at      timestamptz NOT NULL DEFAULT now(),
    disabled_at  timestamptz
);

CREATE TABLE users.sessions (
    id       text PRIMARY KEY,
    user_id  text NOT NULL REFERENCES users.users ON DELETE CASCADE,
    made_at  timestamptz NOT NULL DEFAULT now(),
    used_at  timestamptz NOT NULL DEFAULT now(),
    address  text NOT NULL,
    agent    text NOT NULL
);
CREATE INDEX sessions_user ON users.sessions (user_id);

-- Each refresh token is good once; those that were used stay, so that a second use is seen.
CREATE TABLE users.refresh_tokens (
    digest      bytea PRIMARY KEY,
    session_id  text NOT NULL REFERENCES users.sessions ON DELETE CASCADE,
    expires_at  timestamptz NOT NULL,
    used_at     timestamptz
);
CREATE INDEX refresh_tokens_session ON users.refresh_tokens (session_id);

CREATE TABLE users.api_tokens (
    id          text PRIMARY KEY,
    user_id     text NOT NULL REFERENCES users.users ON DELETE CASCADE,
    title       text NOT NULL,
    digest      bytea NOT NULL UNIQUE,
    scopes      text[] NOT NULL,
    made_at     timestamptz NOT NULL DEFAULT now(),
    expires_at  timestamptz,
    used_at     timestamptz
);
CREATE INDEX api_tokens_user ON users.api_tokens (user_id);

-- For one new user; or, with `resets`, for a new password of that user.
CREATE TABLE users.invitations (
    id          text PRIMARY KEY,
    digest      bytea NOT NULL UNIQUE,
    role        text NOT NULL CHECK (role IN ('viewer', 'creator', 'admin')),
    note        text NOT NULL,
    resets      text REFERENCES users.users ON DELETE CASCADE,
    made_by     text NOT NULL,
    made_at     timestamptz NOT NULL DEFAULT now(),
    expires_at  timestamptz NOT NULL,
    used_at     timestamptz,
    used_by     text
);

-- Guesses that were wrong, by `address:…` and `user:…`.
CREATE TABLE users.guesses (
    key       text PRIMARY KEY,
    failures  integer NOT NULL,
    last_at   timestamptz NOT NULL,
    until     timestamptz NOT NULL
);

CREATE TABLE users.audit (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at       timestamptz NOT NULL DEFAULT now(),
    action   text NOT NULL,
    user_id  text,
    name     text NOT NULL,
    via      text NOT NULL,
    key      text,
    about    text,
    address  text NOT NULL,
    details  jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX audit_user ON users.audit (user_id, id);
CREATE INDEX audit_at ON users.audit (at);
