/**
 * Each entry leads from one version of the database to the next. An entry is never changed after its release. Times are
 * milliseconds since 1970 in UTC.
 */
export const migrations: readonly string[] = [
  `
  CREATE TABLE message (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    key        TEXT UNIQUE,
    content    TEXT    NOT NULL,
    due_ms     INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL
  ) STRICT;

  -- waiting -> delivered | withdrawn | refused | expired -> told
  CREATE TABLE delivery (
    message    INTEGER NOT NULL REFERENCES message (id) ON DELETE CASCADE,
    channel    TEXT    NOT NULL,
    state      TEXT    NOT NULL DEFAULT 'waiting',
    settled_ms INTEGER,
    fault      TEXT,
    PRIMARY KEY (channel, message)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX delivery_open ON delivery (channel, message) WHERE state IN ('waiting', 'expired');

  -- Of a channel whose last attempt failed.
  CREATE TABLE pause (
    channel  TEXT PRIMARY KEY,
    until_ms INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    fault    TEXT    NOT NULL
  ) STRICT, WITHOUT ROWID;

  -- What hooks saw, until somebody makes sense of it.
  CREATE TABLE sign (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    unit    TEXT    NOT NULL,
    content TEXT    NOT NULL
  ) STRICT;
  CREATE INDEX sign_unit ON sign (unit, id);

  -- What became of a service from a fall until it stayed up; open at most once a unit.
  CREATE TABLE incident (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    unit      TEXT    NOT NULL,
    content   TEXT    NOT NULL,
    closed_ms INTEGER
  ) STRICT;
  CREATE UNIQUE INDEX incident_open ON incident (unit) WHERE closed_ms IS NULL;

  -- Units of which nothing is told for a while; '*' stands for all.
  CREATE TABLE mute (
    unit     TEXT PRIMARY KEY,
    until_ms INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  `
  -- The boot and the manager that were seen last, and an outage that is still to be told: one row.
  CREATE TABLE life (
    id      INTEGER PRIMARY KEY CHECK (id = 1),
    content TEXT    NOT NULL
  ) STRICT;
  `,
  `
  -- Files of the spool whose signs are stored and that may not be deleted yet.
  CREATE TABLE taken_file (
    name TEXT PRIMARY KEY
  ) STRICT, WITHOUT ROWID;
  `,
  `
  -- What the front says of the places behind it, and what was told of that: one row.
  CREATE TABLE front (
    id      INTEGER PRIMARY KEY CHECK (id = 1),
    content TEXT    NOT NULL
  ) STRICT;
  `,
];
