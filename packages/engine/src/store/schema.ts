/**
 * Structure of the agent's database, one entry per version; forward only. Times are ISO text, documents JSON.
 * A batch's `checkpoint` is what becomes committed with its receipt; it never leaves the agent.
 */
export const migrations: readonly string[] = [
  `
CREATE TABLE stream (
  resource TEXT PRIMARY KEY,
  epoch INTEGER NOT NULL,
  seq INTEGER NOT NULL DEFAULT 0,
  digest TEXT,
  rows_digest TEXT,
  receipted INTEGER NOT NULL DEFAULT 0,
  checkpoint TEXT,
  committed TEXT,
  confirmed TEXT,
  schema TEXT,
  snapshot TEXT,
  state TEXT NOT NULL DEFAULT 'running',
  problem TEXT
) STRICT;
CREATE TABLE batch (
  resource TEXT NOT NULL,
  epoch INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  rows INTEGER NOT NULL,
  stored_bytes INTEGER NOT NULL,
  rows_digest TEXT NOT NULL,
  digest TEXT NOT NULL,
  manifest TEXT NOT NULL,
  file TEXT,
  checkpoint TEXT,
  sealed_at TEXT NOT NULL,
  receipted_at TEXT,
  PRIMARY KEY (resource, epoch, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX batch_kept ON batch (receipted_at) WHERE file IS NOT NULL;
CREATE INDEX batch_unreceipted ON batch (stored_bytes) WHERE receipted_at IS NULL AND file IS NOT NULL;
CREATE TABLE receipt (
  n INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  issuer TEXT NOT NULL,
  subject TEXT NOT NULL,
  stage TEXT NOT NULL,
  seq_from INTEGER NOT NULL,
  seq_to INTEGER NOT NULL,
  digest TEXT NOT NULL,
  document TEXT NOT NULL,
  held INTEGER NOT NULL
) STRICT;
CREATE INDEX receipt_subject ON receipt (subject, issuer, seq_to);
CREATE INDEX receipt_unheld ON receipt (n) WHERE held = 0;
CREATE TABLE exchange (
  name TEXT PRIMARY KEY,
  since TEXT NOT NULL,
  last_planned TEXT,
  last_success TEXT,
  state TEXT NOT NULL DEFAULT 'running',
  problem TEXT
) STRICT;
CREATE TABLE job (
  n INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  exchange TEXT NOT NULL,
  cause TEXT NOT NULL,
  due_at TEXT NOT NULL,
  state TEXT NOT NULL,
  attempt INTEGER NOT NULL DEFAULT 0,
  failures INTEGER NOT NULL DEFAULT 0,
  next_at TEXT NOT NULL,
  lease_owner TEXT,
  lease_until TEXT,
  started_at TEXT,
  ended_at TEXT,
  problem TEXT,
  progress TEXT,
  summary TEXT
) STRICT;
CREATE INDEX job_open ON job (next_at) WHERE state IN ('queued', 'waiting', 'running');
CREATE INDEX job_exchange ON job (exchange, n);
CREATE TABLE job_line (
  n INTEGER PRIMARY KEY AUTOINCREMENT,
  job TEXT NOT NULL,
  at TEXT NOT NULL,
  level TEXT NOT NULL,
  message TEXT NOT NULL,
  facts TEXT NOT NULL
) STRICT;
CREATE INDEX job_line_job ON job_line (job, n);
CREATE TABLE quarantine (
  n INTEGER PRIMARY KEY AUTOINCREMENT,
  exchange TEXT NOT NULL,
  resource TEXT NOT NULL,
  direction TEXT NOT NULL,
  op TEXT NOT NULL,
  item TEXT NOT NULL,
  reason TEXT NOT NULL,
  content TEXT NOT NULL,
  key TEXT,
  sealed BLOB NOT NULL,
  bytes INTEGER NOT NULL,
  seen INTEGER NOT NULL DEFAULT 1,
  exported INTEGER NOT NULL DEFAULT 0,
  at TEXT NOT NULL,
  UNIQUE (exchange, content, item, reason)
) STRICT;
CREATE INDEX quarantine_at ON quarantine (at);
CREATE TABLE stale_key (
  exchange TEXT NOT NULL,
  key TEXT NOT NULL,
  PRIMARY KEY (exchange, key)
) STRICT, WITHOUT ROWID;
CREATE TABLE delivery (
  exchange TEXT NOT NULL,
  name TEXT NOT NULL,
  resource TEXT NOT NULL,
  document TEXT NOT NULL,
  state TEXT NOT NULL DEFAULT 'running',
  problem TEXT,
  PRIMARY KEY (exchange, name)
) STRICT, WITHOUT ROWID;
CREATE TABLE applied (
  exchange TEXT NOT NULL,
  name TEXT NOT NULL,
  seq INTEGER NOT NULL,
  rows INTEGER NOT NULL,
  rows_digest TEXT NOT NULL,
  stage TEXT NOT NULL,
  snapshot TEXT,
  digest TEXT,
  manifest_seq INTEGER,
  manifest_digest TEXT,
  PRIMARY KEY (exchange, name, seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE baseline (
  resource TEXT PRIMARY KEY,
  candidate TEXT NOT NULL
) STRICT;
`,
  'ALTER TABLE exchange ADD COLUMN resource TEXT;',
  // `unmet`: a whole copy has begun, and the row was not met in it yet
  `ALTER TABLE quarantine ADD COLUMN unmet INTEGER NOT NULL DEFAULT 0;
   CREATE INDEX quarantine_key ON quarantine (exchange, key);`,
  'ALTER TABLE stream ADD COLUMN shape TEXT;',
  // when the newest batch with rows was sealed
  `ALTER TABLE exchange ADD COLUMN data_at TEXT;
   CREATE INDEX quarantine_open ON quarantine (exchange) WHERE exported = 0;`,
  // where a refused row stands at its source
  'ALTER TABLE quarantine ADD COLUMN place TEXT;',
  `CREATE TABLE reconciliation (
  exchange TEXT NOT NULL,
  agreement TEXT NOT NULL,
  resource TEXT NOT NULL,
  session TEXT NOT NULL,
  at TEXT NOT NULL,
  report TEXT,
  problem TEXT,
  keys BLOB,
  PRIMARY KEY (exchange, agreement)
) STRICT, WITHOUT ROWID;`,
  // bytes of small batches: a file each would cost two syncs more
  `CREATE TABLE batch_bytes (
  resource TEXT NOT NULL,
  epoch INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  bytes BLOB NOT NULL,
  PRIMARY KEY (resource, epoch, seq)
) STRICT;
CREATE INDEX receipt_newest ON receipt (subject, issuer, n);`,
  // what waits is summed up after each receipt: not by way of the manifests
  'CREATE INDEX batch_waiting ON batch (resource, epoch, seq, stored_bytes);',
  // files that manifests and receipts were moved into, up to which length; and the last of each chain of receipts that was
  `CREATE TABLE evidence_file (
  file TEXT PRIMARY KEY,
  before_at TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  documents INTEGER NOT NULL,
  sha256 TEXT,
  closed_at TEXT
) STRICT;
CREATE TABLE receipt_begin (
  subject TEXT NOT NULL,
  issuer TEXT NOT NULL,
  digest TEXT NOT NULL,
  seq_to INTEGER NOT NULL,
  file TEXT NOT NULL,
  PRIMARY KEY (subject, issuer)
) STRICT, WITHOUT ROWID;`,
  // what was given up waits for nothing
  `DROP INDEX batch_waiting;
CREATE INDEX batch_waiting ON batch (resource, epoch, seq, stored_bytes) WHERE file IS NOT NULL;`,
  // see long-checkpoints.ts
  `CREATE TABLE long_checkpoint (
  n INTEGER PRIMARY KEY AUTOINCREMENT,
  resource TEXT NOT NULL,
  text TEXT NOT NULL
) STRICT;
CREATE INDEX long_checkpoint_resource ON long_checkpoint (resource);
CREATE INDEX batch_long_checkpoint ON batch (resource, checkpoint) WHERE substr(checkpoint, 1, 1) = char(1);`,
];
