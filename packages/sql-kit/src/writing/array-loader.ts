import type { SqlBind, UnloadedRow } from '../database/session.js';

export interface ArrayLoad {
  /** Rows and bytes that are sent at a time. */
  readonly rows: number;
  readonly bytes: number;
  /** Why a row is not sent at all. */
  problem(row: readonly SqlBind[]): string | undefined;
  /** Rows that are not sent with others. */
  alone?(row: readonly SqlBind[]): boolean;
  sizeOf(bind: SqlBind): number;
  /** Sends rows by the driver's array binds; answers those that the server refused, by their position. */
  send(rows: readonly SqlBind[][]): Promise<readonly UnloadedRow[]>;
}

/** Loads rows by array binds. A row that the server refuses does not stop the others. */
export async function loadArrays(
  rows: Iterable<SqlBind[]>,
  load: ArrayLoad,
): Promise<readonly UnloadedRow[]> {
  const unloaded: UnloadedRow[] = [];
  let some: SqlBind[][] = [];
  let numbers: number[] = [];
  let bytes = 0;
  async function send(): Promise<void> {
    if (some.length === 0) return;
    for (const { at, reason } of await load.send(some)) unloaded.push({ at: numbers[at]!, reason });
    some = [];
    numbers = [];
    bytes = 0;
  }
  let at = -1;
  for (const row of rows) {
    at++;
    const reason = load.problem(row);
    if (reason !== undefined) {
      unloaded.push({ at, reason });
      continue;
    }
    const alone = load.alone?.(row) ?? false;
    if (alone) await send();
    some.push(row);
    numbers.push(at);
    for (const bind of row) bytes += load.sizeOf(bind);
    if (alone || some.length >= load.rows || bytes >= load.bytes) await send();
  }
  await send();
  return unloaded;
}
