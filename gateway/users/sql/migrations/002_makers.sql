-- Codes that nobody has used yet, of those who may still make them: the operator, and who is an admin now.
CREATE VIEW users.good_invitations AS
SELECT i.* FROM users.invitations AS i LEFT JOIN users.users AS m ON m.id = i.made_by
WHERE i.used_at IS NULL AND (i.made_by = 'operator' OR (m.role = 'admin' AND m.disabled_at IS NULL));
