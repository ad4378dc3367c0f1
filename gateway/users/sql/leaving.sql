-- name: only_manifests
-- Where the archive keeps what it wrote down of shorts and publications that nobody but an owner has.
SELECT DISTINCT a.body #>> '{data,manifest,uri}' AS uri FROM gateway.events AS a
WHERE a.owner = $1 AND a.type = 'media.archived' AND NOT EXISTS (
    SELECT FROM gateway.events AS o WHERE o.key = a.key AND o.type = a.type AND o.owner IS DISTINCT FROM a.owner
);

-- name: scans
-- The commands of an owner to look for videos: what was found is kept by their ids.
SELECT DISTINCT id FROM gateway.events WHERE owner = $1 AND type = 'discovery.requested';

-- name: ever_had_bots
-- Whether the bot's door has ever run: before, it keeps nothing of anybody.
SELECT to_regnamespace('telegram') IS NOT NULL;
