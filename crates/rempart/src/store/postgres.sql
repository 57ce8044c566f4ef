-- Accounts and tokens of rempart. Run it as often as you like: it changes nothing that is there.
-- Postgres::migrate() runs it; so may your own migrations.
-- Only rempart's own role needs these tables: they hold the hashes of passwords.

-- Two programs that start together must not make the same table twice.
SELECT pg_advisory_xact_lock(7309453641270984052);

CREATE TABLE IF NOT EXISTS rempart_account (
    -- Trimmed and in lower case; ordered by its bytes, as every store does.
    account text COLLATE "C" PRIMARY KEY,
    -- Opaque, compact JSON.
    record text NOT NULL,
    -- Seconds since 1970: since when a compromise is known that the person was not told of.
    untold bigint
);

CREATE INDEX IF NOT EXISTS rempart_account_untold
    ON rempart_account (account) WHERE untold IS NOT NULL;

CREATE TABLE IF NOT EXISTS rempart_token (
    slot text COLLATE "C" NOT NULL,
    -- 1 confirm, 2 reset, 3 unlock.
    purpose smallint NOT NULL,
    -- SHA-256 of a secret that is kept nowhere.
    digest bytea NOT NULL UNIQUE,
    -- Opaque, compact JSON.
    bound text NOT NULL,
    -- Seconds since 1970: from when on it works no more.
    until bigint NOT NULL DEFAULT 0,
    -- The newer token of a slot takes the place of the older.
    PRIMARY KEY (slot, purpose)
);

-- Links of a table that is older than this column end at once.
ALTER TABLE rempart_token ADD COLUMN IF NOT EXISTS until bigint NOT NULL DEFAULT 0;

CREATE INDEX IF NOT EXISTS rempart_token_until ON rempart_token (until);
