import type { Store } from './store.js';

/** Which candidate a resource's next comparison starts from: the last one whose batches all have receipts. */
export interface BaselineTable {
  get(resource: string): string | undefined;
  put(resource: string, candidate: string): void;
  clear(resource: string): void;
}

export function baselineTable({ db }: Store): BaselineTable {
  const get = db.prepare<[string], { candidate: string }>(
    'SELECT candidate FROM baseline WHERE resource = ?',
  );
  const put = db.prepare(
    'INSERT INTO baseline (resource, candidate) VALUES (?, ?) ON CONFLICT (resource) DO UPDATE SET candidate = excluded.candidate',
  );
  const clear = db.prepare('DELETE FROM baseline WHERE resource = ?');
  return {
    get: (resource) => get.get(resource)?.candidate,
    put: (resource, candidate) => void put.run(resource, candidate),
    clear: (resource) => void clear.run(resource),
  };
}
