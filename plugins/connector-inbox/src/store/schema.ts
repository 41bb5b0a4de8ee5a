/**
 * Structure of an inbox, one entry per version; forward only. A row of `change` is current while no later change of its key is
 * known. `sealed` is the encrypted row text, `key` and `content` are keyed digests; `horizon` the newest cursor that was pruned.
 */
export const migrations: readonly string[] = [
  `
CREATE TABLE inbox (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  origin TEXT NOT NULL,
  horizon INTEGER NOT NULL DEFAULT 0,
  bytes INTEGER NOT NULL DEFAULT 0,
  erased INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE shape (
  id INTEGER PRIMARY KEY,
  columns TEXT NOT NULL UNIQUE
) STRICT;
CREATE TABLE supplier (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  agreement TEXT NOT NULL,
  grant_version INTEGER NOT NULL
) STRICT;
CREATE TABLE change (
  cursor INTEGER PRIMARY KEY AUTOINCREMENT,
  op TEXT NOT NULL,
  key TEXT,
  content TEXT,
  shape INTEGER,
  sealed BLOB,
  supplier INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  at TEXT NOT NULL,
  current INTEGER NOT NULL,
  bytes INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX change_current ON change (key) WHERE current = 1;
CREATE INDEX change_held ON change (supplier, cursor) WHERE current = 1;
CREATE INDEX change_past ON change (cursor) WHERE current = 0;
CREATE TABLE staged (
  n INTEGER PRIMARY KEY,
  supplier INTEGER NOT NULL,
  key TEXT NOT NULL,
  content TEXT NOT NULL,
  shape INTEGER NOT NULL,
  sealed BLOB NOT NULL,
  bytes INTEGER NOT NULL,
  UNIQUE (supplier, key)
) STRICT;
CREATE TABLE ledger (
  delivery TEXT NOT NULL,
  seq INTEGER NOT NULL,
  stage TEXT NOT NULL,
  snapshot TEXT,
  part INTEGER,
  document TEXT NOT NULL,
  PRIMARY KEY (delivery, seq)
) STRICT, WITHOUT ROWID;
`,
];
