/**
 * Structure of a push log, one entry per version; forward only. `change` holds what has no receipt yet, `record` the newest row of
 * each key: a whole copy can be read at any time. `version` is the schema version whose columns a row has.
 */
export const migrations: readonly string[] = [
  `
CREATE TABLE log (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  origin TEXT NOT NULL,
  confirmed INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE shape (
  version INTEGER PRIMARY KEY,
  columns TEXT NOT NULL
) STRICT;
CREATE TABLE change (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  version INTEGER NOT NULL,
  row BLOB NOT NULL
) STRICT;
CREATE TABLE record (
  key TEXT PRIMARY KEY,
  version INTEGER NOT NULL,
  row BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE push (
  id TEXT PRIMARY KEY,
  system TEXT NOT NULL,
  idempotency_key TEXT,
  digest BLOB NOT NULL,
  version INTEGER NOT NULL,
  at TEXT NOT NULL,
  records INTEGER NOT NULL,
  refused TEXT NOT NULL,
  last INTEGER NOT NULL,
  UNIQUE (system, idempotency_key)
) STRICT;
CREATE INDEX push_at ON push (at);
`,
];
