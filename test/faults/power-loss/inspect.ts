import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AuditRecord, BatchManifest, Receipt, Signed } from '@qianzhi/model';
import { verifyAudit } from '@qianzhi/platform';
import { bytesDigest } from '@qianzhi/rows';
import Database from 'better-sqlite3';

/** A promise that the files of a cut do not keep, and which: `place` is what was lost. */
export interface Broken {
  readonly place: Place;
  readonly problem: string;
}

export type Place =
  | 'outbox'
  | 'provider state'
  | 'comparison'
  | 'batch bytes'
  | 'platform state'
  | 'consumer state'
  | 'target'
  | 'identity';

/** What somebody was told before the cut, so that it must be there after it. */
export interface Told {
  readonly at: bigint;
  readonly place: Place;
  readonly what: string;
  /** Answers something when it is there. */
  readonly sql: string;
}

interface Held {
  readonly id: string;
  readonly document: string;
  readonly issuer: string;
  readonly subject: string;
  readonly held: number;
}

interface StateFiles {
  readonly platform: Database.Database;
  readonly provider: Database.Database;
  readonly consumer: Database.Database;
  readonly target: Database.Database | undefined;
}

/**
 * Looks for broken promises in the files alone, before any process starts and mends what it can: each party's word, as
 * another party wrote it down, against what the party itself still has. SQLite recovers the databases by being opened.
 */
export function findBroken(folder: string, told: readonly Told[] = []): Broken[] {
  const broken: Broken[] = [];
  const report = (place: Place, problem: string) => void broken.push({ place, problem });
  const databases: Database.Database[] = [];
  const open = (place: Place, file: string): Database.Database | undefined => {
    const path = join(folder, file);
    if (!existsSync(path)) return undefined;
    const db = new Database(path);
    databases.push(db);
    try {
      const found = db.pragma('quick_check', { simple: true });
      if (found !== 'ok') report(place, `${file}: ${found}`);
    } catch (error) {
      report(place, `${file}: ${error}`);
    }
    return db;
  };
  try {
    for (const agent of ['mz', 'sw']) {
      const file = join(folder, `${agent}-state`, 'identity.json');
      if (!existsSync(file)) report('identity', `${agent} is not enrolled`);
    }
    const platform = open('platform state', 'platform/platform.sqlite');
    if (!platform) report('platform state', 'there is no database');
    // an agent that never ran has no state yet
    const empty = new Database(':memory:');
    databases.push(empty);
    const files = {
      platform: platform ?? empty,
      provider: open('provider state', 'mz-state/state.db') ?? empty,
      consumer: open('consumer state', 'sw-state/state.db') ?? empty,
      target: open('target', 'own.sqlite'),
    };
    checkOutbox(folder, files, report);
    checkComparison(folder, files, report);
    checkPlatform(folder, files, report);
    checkReceipts(files, report);
    checkTarget(files, report);
    for (const { place, what, sql } of told) {
      const db =
        place === 'platform state' ? files.platform : place === 'target' ? files.target : files.provider;
      if (!db || rowsIn(db, sql).length === 0) report(place, `gone: ${what}`);
    }
    return broken;
  } finally {
    for (const db of databases) db.close();
  }
}

type Report = (place: Place, problem: string) => void;

/** A table that is not there holds nothing; a file that is broken was reported when it was opened. */
function rowsIn<T = Record<string, unknown>>(db: Database.Database, sql: string): T[] {
  try {
    return db.prepare(sql).all() as T[];
  } catch (error) {
    if (/no such table|malformed|not a database/.test(String(error))) return [];
    throw error;
  }
}

function digestOf(path: string): string {
  return existsSync(path) ? bytesDigest(readFileSync(path)) : 'missing';
}

interface SealedRow {
  readonly resource: string;
  readonly seq: number;
  readonly manifest: string;
  /** A name in the outbox; `:state.db` where `bytes` are beside the row; null once they were removed. */
  readonly file: string | null;
  readonly bytes: Buffer | null;
  readonly receipted_at: string | null;
}

const SEALED = `SELECT batch.*, batch_bytes.bytes FROM batch LEFT JOIN batch_bytes USING (resource, epoch, seq)
  ORDER BY resource, seq`;

function bytesOf({ file, bytes }: SealedRow, folder: string): { digest: string; place: Told['place'] } {
  if (file === ':state.db')
    return { digest: bytes ? bytesDigest(bytes) : 'missing', place: 'provider state' };
  const digest = file === null ? 'removed' : digestOf(join(folder, 'mz-state/outbox', file));
  return { digest, place: 'outbox' };
}

/** Promise 1 at the provider: what is sealed is there until its time is over. Promise 2: no checkpoint without receipt. */
function checkOutbox(folder: string, { provider, platform }: StateFiles, report: Report): void {
  const heads = new Map(
    rowsIn<{ resource: string; seq: number }>(
      platform,
      'SELECT resource, max(seq) AS seq FROM batches GROUP BY 1',
    ).map(({ resource, seq }) => [resource, seq]),
  );
  const sealed = new Map<string, number>();
  for (const batch of rowsIn<SealedRow>(provider, SEALED)) {
    const { body } = JSON.parse(batch.manifest) as Signed<BatchManifest>;
    const { digest, place } = bytesOf(batch, folder);
    if (digest !== body.bytesDigest) report(place, `${batch.resource} #${batch.seq}: bytes are ${digest}`);
    sealed.set(batch.resource, batch.seq);
    const known = heads.get(batch.resource) ?? 0;
    if (batch.receipted_at !== null && batch.seq > known)
      report('platform state', `${batch.resource} #${batch.seq} has a receipt and no row`);
  }
  for (const [resource, seq] of heads) {
    if ((sealed.get(resource) ?? 0) < seq)
      report('provider state', `${resource} #${seq} was sent and is not known any more`);
  }
  const streams = rowsIn<{ resource: string; receipted: number; committed: string | null }>(
    provider,
    'SELECT * FROM stream',
  );
  for (const { resource, receipted } of streams) {
    const at = rowsIn<{ n: number }>(
      provider,
      `SELECT count(*) AS n FROM batch WHERE resource = '${resource}' AND seq <= ${receipted} AND receipted_at IS NULL`,
    );
    if (at[0]!.n > 0) report('provider state', `${resource}: the checkpoint passed batches without receipt`);
  }
}

/** Strategy `diff`: what the next comparison starts from, and the changes that are still to be sent. */
function checkComparison(folder: string, { provider }: StateFiles, report: Report): void {
  const named = new Map<string, string>();
  for (const { resource, candidate } of rowsIn<{ resource: string; candidate: string }>(
    provider,
    'SELECT * FROM baseline',
  ))
    named.set(candidate, resource);
  for (const { resource, checkpoint } of rowsIn<{ resource: string; checkpoint: string | null }>(
    provider,
    `SELECT * FROM stream WHERE resource = 'village'`,
  )) {
    const at =
      checkpoint === null
        ? undefined
        : (JSON.parse(checkpoint) as { candidate: string; next: number; of: number });
    if (at && at.next < at.of) named.set(at.candidate, resource);
  }
  for (const [id, resource] of named) {
    const candidate = join(folder, 'mz-state/diff', resource, id);
    try {
      const { files, send } = JSON.parse(readFileSync(join(candidate, 'candidate.json'), 'utf8'));
      for (const file of [...files, ...send]) {
        const bytes = readFileSync(join(candidate, file.path));
        if (file.bytesDigest !== undefined && bytesDigest(bytes) !== file.bytesDigest)
          report('comparison', `${file.path} is damaged`);
        if (file.bytes !== undefined && bytes.length !== file.bytes)
          report('comparison', `${file.path} is cut`);
        if (bytes.length === 0 && file.rows > 0) report('comparison', `${file.path} is empty`);
      }
    } catch (error) {
      report('comparison', `${resource}: ${(error as Error).message.replaceAll(folder, '')}`);
    }
  }
}

export interface StoredBytes {
  readonly file: string;
  readonly offset: number;
  readonly length: number;
  readonly digest: string;
}

/** Promise 1 at the platform: the bytes behind every receipt. */
export function damagedBytes(folder: string, stored: readonly StoredBytes[]): string[] {
  return stored.flatMap(({ file, offset, length, digest }) => {
    const path = join(folder, 'platform/batches', file);
    const bytes = existsSync(path) ? readFileSync(path).subarray(offset, offset + length) : Buffer.alloc(0);
    return bytesDigest(bytes) === digest ? [] : [`${file}: ${bytes.length} of ${length} bytes`];
  });
}

function checkPlatform(folder: string, { platform }: StateFiles, report: Report): void {
  const stored = rowsIn<StoredBytes>(platform, 'SELECT * FROM stored_bytes');
  for (const problem of damagedBytes(folder, stored)) report('batch bytes', problem);
  const audit = rowsIn<AuditRecord>(platform, 'SELECT * FROM audit ORDER BY seq');
  const verdict = verifyAudit(audit);
  for (const { code, seq } of verdict.problems) report('platform state', `audit entry ${seq} is ${code}`);
}

/** A receipt that one side holds of the other is known to the one who gave it. */
function checkReceipts({ platform, provider, consumer }: StateFiles, report: Report): void {
  const known = new Map(
    rowsIn<Held>(platform, 'SELECT id, document, issuer FROM receipts').map((one) => [one.id, one]),
  );
  for (const [place, db] of [
    ['provider state', provider],
    ['consumer state', consumer],
  ] as const) {
    const mine = rowsIn<Held>(db, 'SELECT id, document, issuer, subject, held FROM receipt');
    const ids = new Set(mine.map(({ id }) => id));
    for (const { id, document, issuer, held } of mine) {
      // one of its own that it has not handed in yet is its own affair
      if (issuer !== 'platform' && held === 0) continue;
      const there = known.get(id);
      if (!there) report('platform state', `a receipt of ${issuer} is gone`);
      else if (!sameDocument(there.document, document))
        report('platform state', `a receipt of ${issuer} was changed`);
    }
    if (place !== 'consumer state') continue;
    for (const { id, issuer } of known.values()) {
      if (issuer === 'sw' && !ids.has(id)) report(place, 'a receipt it gave is gone');
    }
  }
}

function sameDocument(one: string, other: string): boolean {
  return JSON.stringify(JSON.parse(one)) === JSON.stringify(JSON.parse(other));
}

/** Every receipt of an applied or staged delivery stands in the target's ledger, with the same rows. */
function checkTarget({ platform, consumer, target }: StateFiles, report: Report): void {
  const given = [
    ...rowsIn<Held>(platform, `SELECT document FROM receipts WHERE issuer = 'sw'`),
    ...rowsIn<Held>(consumer, 'SELECT document FROM receipt'),
  ];
  const ledger = new Map(
    (target
      ? rowsIn<{ agreement: string; epoch: number; seq: number; rows_digest: string }>(
          target,
          'SELECT * FROM qianzhi_ledger',
        )
      : []
    ).map((row) => [`${row.agreement}/${row.epoch}#${row.seq}`, row.rows_digest]),
  );
  for (const { document } of given) {
    const { body } = JSON.parse(document) as Signed<Receipt>;
    if (!('delivery' in body.subject) || body.stage === 'rejected') continue;
    const { agreement, stream } = body.subject.delivery;
    const rows = ledger.get(`${agreement}/${stream.epoch}#${body.seqTo}`);
    if (rows !== body.rowsDigests.at(-1))
      report('target', `${stream.resource} #${body.seqTo} is not in the ledger`);
  }
}
