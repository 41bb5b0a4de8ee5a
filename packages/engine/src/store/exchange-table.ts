import type { Store } from './store.js';

export interface ExchangeRow {
  readonly name: string;
  readonly since: string;
  readonly lastPlanned: string | null;
  readonly lastSuccess: string | null;
  readonly state: 'running' | 'paused' | 'stopped';
  readonly problem: string | null;
  /** The resource as granted when a consuming exchange last opened its target: needed once the grant is gone. */
  readonly resource: string | null;
  /** When the newest batch with rows was sealed, here or by the provider. */
  readonly dataAt: string | null;
}

export interface ExchangeTable {
  get(name: string): ExchangeRow | undefined;
  /** Makes the row when the exchange is first seen; answers it. */
  ensure(name: string, now: string): ExchangeRow;
  setPlanned(name: string, at: string): void;
  /** The clock was set back: what was planned or seen after `now` counts as of now. */
  pullBack(now: string): void;
  setSucceeded(name: string, at: string): void;
  /** Earlier than what is known is no news. */
  setDataAt(name: string, at: string): void;
  setState(name: string, state: ExchangeRow['state'], problem: string | null): void;
  setResource(name: string, resource: string): void;
}

export function exchangeTable({ db }: Store): ExchangeTable {
  const one = db.prepare<[string], ExchangeRow>(
    'SELECT name, since, last_planned AS lastPlanned, last_success AS lastSuccess, state, problem, resource, data_at AS dataAt FROM exchange WHERE name = ?',
  );
  const insert = db.prepare('INSERT OR IGNORE INTO exchange (name, since) VALUES (?, ?)');
  const planned = db.prepare(
    'UPDATE exchange SET last_planned = ? WHERE name = ? AND (last_planned IS NULL OR last_planned < ?)',
  );
  const pullBack = db.prepare(
    `UPDATE exchange SET since = min(since, @now), last_planned = min(last_planned, @now)
     WHERE since > @now OR last_planned > @now`,
  );
  const succeeded = db.prepare('UPDATE exchange SET last_success = ? WHERE name = ?');
  const dataAt = db.prepare(
    'UPDATE exchange SET data_at = ? WHERE name = ? AND (data_at IS NULL OR data_at < ?)',
  );
  const resource = db.prepare('UPDATE exchange SET resource = ? WHERE name = ? AND resource IS NOT ?');
  const state = db.prepare('UPDATE exchange SET state = ?, problem = ? WHERE name = ?');
  return {
    get: (name) => one.get(name),
    ensure(name, now) {
      insert.run(name, now);
      return one.get(name)!;
    },
    setPlanned: (name, at) => void planned.run(at, name, at),
    pullBack: (now) => void pullBack.run({ now }),
    setSucceeded: (name, at) => void succeeded.run(at, name),
    setDataAt: (name, at) => void dataAt.run(at, name, at),
    setResource: (name, document) => void resource.run(document, name, document),
    setState: (name, to, problem) => void state.run(to, problem, name),
  };
}
