-- name: bots
-- Every bot.
SELECT * FROM telegram.bots ORDER BY added_at, bot_id;

-- name: bot
-- One bot.
SELECT * FROM telegram.bots WHERE bot_id = $1;

-- name: bots_of
-- How many a user has.
SELECT count(*) FROM telegram.bots WHERE owner = $1;

-- name: bot_of_hook
-- The bot behind a webhook's path.
SELECT * FROM telegram.bots WHERE hook = $1;

-- name: put_bot
-- Add a bot, or its new token. $7: its path, $8: its secret, for webhooks; those of a bot that is there stay.
INSERT INTO telegram.bots AS t (bot_id, owner, username, title, token, state, hook, secret)
VALUES ($1, $2, $3, $4, $5, 'active', $6, $7)
ON CONFLICT (bot_id) DO UPDATE SET username = excluded.username, title = excluded.title, token = excluded.token,
    owner = excluded.owner, state = 'active', reason = NULL
RETURNING *;

-- name: seal_bot
-- A token under another key.
UPDATE telegram.bots SET token = $2 WHERE bot_id = $1;

-- name: bot_state
-- Whether a bot works, and if not, why; a row where that is news.
UPDATE telegram.bots SET state = $2, reason = $3 WHERE bot_id = $1 AND state IS DISTINCT FROM $2 RETURNING *;

-- name: remove_bot
-- Forget a bot, its chats and all that was said in them.
DELETE FROM telegram.bots WHERE bot_id = $1;

-- name: raise_highest
-- A message id was seen.
UPDATE telegram.bots SET highest = $2 WHERE bot_id = $1 AND highest < $2;

-- name: put_code
-- A code for a user.
INSERT INTO telegram.codes (digest, user_id, name, expires_at) VALUES ($1, $2, $3, $4);

-- name: forget_codes
-- Codes that are good no more.
DELETE FROM telegram.codes WHERE expires_at < $1;

-- name: take_code
-- A chat brings a code: once, by one chat.
UPDATE telegram.codes SET bot_id = $2, chat_id = $3
WHERE digest = $1 AND expires_at > $4 AND (bot_id IS NULL OR (bot_id = $2 AND chat_id = $3))
RETURNING *;

-- name: confirm_code
-- The person behind the chat has confirmed: the code is gone.
DELETE FROM telegram.codes WHERE digest = $1 AND bot_id = $2 AND chat_id = $3 AND expires_at > $4 RETURNING *;

-- name: links
-- Every chat that is heard, of these users; without users every one.
SELECT l.*, b.username FROM telegram.links AS l JOIN telegram.bots AS b USING (bot_id)
WHERE $1::boolean OR l.user_id IS NOT DISTINCT FROM $2 ORDER BY l.linked_at;

-- name: link
-- One chat.
SELECT * FROM telegram.links WHERE bot_id = $1 AND chat_id = $2;

-- name: put_link
-- A chat is heard from now on. Whose it was before, it is no more: what was said to that user stays behind.
INSERT INTO telegram.links AS t (bot_id, chat_id, user_id, name, person, language)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (bot_id, chat_id) DO UPDATE SET user_id = excluded.user_id, name = excluded.name,
    person = excluded.person, active = true
RETURNING *;

-- name: link_active
-- Whether the person lets the bot speak; a row where that is news.
UPDATE telegram.links SET active = $3 WHERE bot_id = $1 AND chat_id = $2 AND active <> $3 RETURNING *;

-- name: link_language
-- Another language.
UPDATE telegram.links SET language = $3 WHERE bot_id = $1 AND chat_id = $2 RETURNING *;

-- name: link_timezone
-- Another time zone.
UPDATE telegram.links SET timezone = $3 WHERE bot_id = $1 AND chat_id = $2 RETURNING *;

-- name: unlink
-- A chat is heard no more; what was said in it is forgotten.
DELETE FROM telegram.links WHERE bot_id = $1 AND chat_id = $2 RETURNING *;

-- name: audience
-- Chats whose user hears of this owner's things: the owner's own.
SELECT * FROM telegram.links WHERE user_id IS NOT DISTINCT FROM $1 ORDER BY bot_id, chat_id;

-- name: showing
-- Chats that show a thing.
SELECT l.* FROM telegram.links AS l JOIN telegram.cards AS c USING (bot_id, chat_id) WHERE c.thing = $1;

-- name: everybody
-- Every chat.
SELECT * FROM telegram.links ORDER BY bot_id, chat_id;

-- name: card_for_update
-- What is said of a thing in a chat.
SELECT * FROM telegram.cards WHERE bot_id = $1 AND chat_id = $2 AND thing = $3 FOR UPDATE;

-- name: card
-- One card of a chat, by its number.
SELECT * FROM telegram.cards WHERE bot_id = $1 AND chat_id = $2 AND card_id = $3 FOR UPDATE;

-- name: card_of_message
-- The card that a message shows.
SELECT * FROM telegram.cards WHERE bot_id = $1 AND chat_id = $2 AND message_id = $3 FOR UPDATE;

-- name: put_card
-- What is to be said of a thing in a chat.
INSERT INTO telegram.cards AS t (bot_id, chat_id, thing, facts, sequence) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (bot_id, chat_id, thing) DO UPDATE SET facts = excluded.facts, revision = t.revision + 1, broken = NULL,
    sequence = greatest(t.sequence, excluded.sequence)
RETURNING *;

-- name: say_again
-- Show a card as a new message: what was said before stays where it is.
UPDATE telegram.cards SET message_id = NULL, seen = NULL, beginning = NULL, broken = NULL, revision = revision + 1
WHERE card_id = $1;

-- name: forget_sequences
-- The stream is another one.
UPDATE telegram.cards SET sequence = 0;

-- name: due
-- What is to be said by a bot: the oldest of each chat first.
SELECT DISTINCT ON (c.chat_id) c.*, l.language, l.timezone
FROM telegram.cards AS c JOIN telegram.links AS l USING (bot_id, chat_id)
WHERE c.bot_id = $1 AND c.shown < c.revision AND c.broken IS NULL AND l.active AND NOT c.chat_id = ANY ($2::bigint[])
ORDER BY c.chat_id, (c.message_id IS NOT NULL), c.card_id;

-- name: begin_saying
-- It is about to be sent: message ids behind `highest` may be its own.
UPDATE telegram.cards AS c SET beginning = b.highest FROM telegram.bots AS b
WHERE c.card_id = $1 AND b.bot_id = c.bot_id RETURNING c.beginning;

-- name: not_said
-- It was certainly not sent.
UPDATE telegram.cards SET beginning = NULL WHERE card_id = $1;

-- name: said
-- It is seen, as this revision, in this message; unless it is to be said in another one by now than it was ($6).
UPDATE telegram.cards SET message_id = $2, shown = $3, seen = $4, form = $5, beginning = NULL
WHERE card_id = $1 AND message_id IS NOT DISTINCT FROM $6;

-- name: lost_message
-- Its message is gone: it is said anew.
UPDATE telegram.cards SET message_id = NULL, seen = NULL WHERE card_id = $1;

-- name: broken
-- Telegram refuses it for good; the next change of it tries again.
UPDATE telegram.cards SET broken = $2, beginning = NULL WHERE card_id = $1;

-- name: taken_messages
-- Message ids of a bot that are known to be others.
SELECT message_id FROM telegram.cards WHERE bot_id = $1 AND message_id > $2;

-- name: update_done
-- Whether an update was worked off.
SELECT true FROM telegram.updates WHERE bot_id = $1 AND update_id = $2;

-- name: finish_update
-- It was.
INSERT INTO telegram.updates (bot_id, update_id) VALUES ($1, $2) ON CONFLICT DO NOTHING;

-- name: forget_updates
-- Telegram keeps them for a day.
DELETE FROM telegram.updates WHERE done_at < now() - interval '3 days';

-- name: forget_answers
-- Answers to commands: nothing changes them any more.
DELETE FROM telegram.cards WHERE facts ->> 'kind' IN ('note', 'ask') AND made_at < now() - interval '7 days';

-- name: put_order
-- A command, with what led to it.
INSERT INTO telegram.orders (event_id, subject, body, owner) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING;

-- name: orders
-- Commands that are not on the stream yet.
SELECT * FROM telegram.orders ORDER BY order_id;

-- name: order_sent
-- The stream has it.
DELETE FROM telegram.orders WHERE event_id = $1;

-- name: file
-- A file that Telegram has.
SELECT file_id FROM telegram.files WHERE bot_id = $1 AND sha256 = $2;

-- name: put_file
-- It has it now.
INSERT INTO telegram.files (bot_id, sha256, file_id) VALUES ($1, $2, $3)
ON CONFLICT (bot_id, sha256) DO UPDATE SET file_id = excluded.file_id;

-- name: forget_file
-- It has it no more.
DELETE FROM telegram.files WHERE bot_id = $1 AND sha256 = $2;

-- name: position
-- Up to where the stream was heard.
SELECT sequence, stream_created FROM telegram.position;

-- name: move_position
-- Heard up to there.
INSERT INTO telegram.position (sequence, stream_created) VALUES ($1, $2)
ON CONFLICT (single) DO UPDATE SET sequence = excluded.sequence, stream_created = excluded.stream_created;
