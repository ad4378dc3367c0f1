-- Whose event it is (NULL: the operator's), so that one who may see it no more is not sent it either.
ALTER TABLE hooks.deliveries ADD COLUMN owner text;
UPDATE hooks.deliveries AS d SET owner = w.owner FROM hooks.webhooks AS w WHERE w.webhook_id = d.webhook_id;

-- What may be sent: whoever made the webhook still sees the event. What may not waits, for the case that they will again.
CREATE VIEW hooks.sendable AS
SELECT d.*, w.url, w.secret, CASE WHEN w.old_until > now() THEN w.old_secret END AS old_secret
FROM hooks.deliveries AS d JOIN hooks.webhooks AS w USING (webhook_id) LEFT JOIN users.users AS u ON u.id = w.owner
WHERE d.next_at IS NOT NULL AND NOT w.paused AND w.disabled_at IS NULL
    AND (w.owner IS NULL OR (u.disabled_at IS NULL AND (u.role = 'admin' OR d.owner = w.owner)));
