-- The counters of rempart, version 1. Applied by `access::postgres::migrate`, or by hand:
-- psql --single-transaction -v ON_ERROR_STOP=1 -f 0001_counters.sql
CREATE SCHEMA IF NOT EXISTS rempart;

-- Which part of rempart has which tables. Shared by all parts.
CREATE TABLE IF NOT EXISTS rempart.migration (
  part    text        NOT NULL,
  version integer     NOT NULL,
  applied timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (part, version)
);

CREATE TABLE rempart.counter (
  -- A keyed hash; it names nobody without the key that the policy names.
  key     bytea       PRIMARY KEY CHECK (octet_length(key) = 16),
  -- As access::Record writes it; empty for a counter that has counted nothing.
  record  bytea       NOT NULL CHECK (octet_length(record) <= 10000),
  -- When the row may be swept, rounded up to the hour, so that most updates leave the index
  -- alone. Null for a block that somebody must end.
  idle_at timestamptz
) WITH (fillfactor = 70);

CREATE INDEX counter_idle_at ON rempart.counter (idle_at) WHERE idle_at IS NOT NULL;

INSERT INTO rempart.migration (part, version) VALUES ('counters', 1);
