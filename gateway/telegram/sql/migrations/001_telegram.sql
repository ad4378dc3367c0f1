-- Bots: the operator's has no token here, it is in the settings. `highest`: the highest message id that was seen, which
-- private chats of one bot count together.
CREATE TABLE telegram.bots (
    bot_id bigint PRIMARY KEY,
    owner text,
    username text NOT NULL,
    title text NOT NULL,
    token bytea,
    state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'conflict', 'revoked')),
    reason text,
    hook text NOT NULL UNIQUE,
    secret text NOT NULL,
    highest bigint NOT NULL DEFAULT 0,
    added_at timestamptz NOT NULL DEFAULT now()
);

-- Codes that link a chat, by their SHA-256; taken by a chat, they wait for the person to confirm.
CREATE TABLE telegram.codes (
    digest bytea PRIMARY KEY,
    user_id text,
    name text NOT NULL,
    expires_at timestamptz NOT NULL,
    bot_id bigint REFERENCES telegram.bots ON DELETE CASCADE,
    chat_id bigint
);

-- Chats that are heard, and whose they are (no user: the operator's).
CREATE TABLE telegram.links (
    bot_id bigint NOT NULL REFERENCES telegram.bots ON DELETE CASCADE,
    chat_id bigint NOT NULL,
    user_id text,
    name text NOT NULL,
    person text NOT NULL,
    language text NOT NULL,
    timezone text,
    active boolean NOT NULL DEFAULT true,
    linked_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (bot_id, chat_id)
);
CREATE INDEX links_of_user ON telegram.links (user_id);

-- What is to be said and what was: one row per thing and chat. `revision` counts what is to be seen, `shown` what is.
CREATE TABLE telegram.cards (
    card_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    bot_id bigint NOT NULL,
    chat_id bigint NOT NULL,
    thing text NOT NULL,
    facts jsonb NOT NULL,
    sequence bigint NOT NULL DEFAULT 0,
    revision bigint NOT NULL DEFAULT 1,
    shown bigint NOT NULL DEFAULT 0,
    seen text,
    message_id bigint,
    form text NOT NULL DEFAULT 'text' CHECK (form IN ('text', 'video')),
    beginning bigint,
    broken text,
    made_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (bot_id, chat_id, thing),
    FOREIGN KEY (bot_id, chat_id) REFERENCES telegram.links ON DELETE CASCADE
);
CREATE INDEX cards_due ON telegram.cards (bot_id, card_id) WHERE shown < revision AND broken IS NULL;
CREATE INDEX cards_by_message ON telegram.cards (bot_id, chat_id, message_id);
CREATE INDEX cards_by_thing ON telegram.cards (thing);

-- Updates whose consequence is on the stream, for as long as Telegram may send them again.
CREATE TABLE telegram.updates (
    bot_id bigint NOT NULL REFERENCES telegram.bots ON DELETE CASCADE,
    update_id bigint NOT NULL,
    done_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (bot_id, update_id)
);
CREATE INDEX updates_by_age ON telegram.updates (done_at);

-- Files that Telegram has already, by their checksum; its ids are good for one bot.
CREATE TABLE telegram.files (
    bot_id bigint NOT NULL REFERENCES telegram.bots ON DELETE CASCADE,
    sha256 text NOT NULL,
    file_id text NOT NULL,
    PRIMARY KEY (bot_id, sha256)
);

-- Up to where the stream was heard.
CREATE TABLE telegram.position (
    single boolean PRIMARY KEY DEFAULT true CHECK (single),
    sequence bigint NOT NULL,
    stream_created timestamptz NOT NULL
);
