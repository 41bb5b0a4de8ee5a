import type { RowTexts } from '@qianzhi/testing';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { exchangeInto, readParts, refusedIds, resourceFor, rowsOf, sorted, upsertsOf } from './carry.js';
import { describePairs, nextName } from './pairs.js';
import type { PairSite, Table } from './sites/site.js';
import { allKinds, anyRows } from './values.js';

/** QZ_PAIRS_SEED repeats a run that failed, QZ_PAIRS_RUNS makes it longer. */
const seed = Number(process.env.QZ_PAIRS_SEED ?? Math.floor(Math.random() * 2 ** 31));
const numRuns = Number(process.env.QZ_PAIRS_RUNS ?? 2);
const ROWS = 60;

/** The rows without the values that a column of the site cannot have. */
function heldBy(site: PairSite, { columns }: Table, rows: readonly RowTexts[]): RowTexts[] {
  return rows.map((row) =>
    row.map((text, at) => (text !== null && site.holds(columns[at]!.item, text) ? text : null)),
  );
}

/** Ids of rows with a value that the target has no place for. */
function unheldBy(site: PairSite, table: Table, rows: readonly RowTexts[]): Set<string> {
  const held = heldBy(site, table, rows);
  return new Set(
    rows.filter((row, at) => row.some((text, i) => text !== held[at]![i])).map((row) => row[0]!),
  );
}

describePairs(`values survive exactly (QZ_PAIRS_SEED=${seed})`, (pair) => {
  it('read, loaded as a snapshot, found unchanged, and merged', { timeout: 30_000 * numRuns }, async () => {
    await fc.assert(
      fc.asyncProperty(anyRows(ROWS), async (generated) => {
        const [from, to] = [pair.from(), pair.to()];
        const table = allKinds(nextName());
        const resource = resourceFor(table);
        const rows = heldBy(from, table, generated);
        const parts = await readParts(from, resource, await from.fill!(table, rows));
        expect(sorted(rowsOf(parts))).toEqual(sorted(rows));

        const target = allKinds(nextName());
        const exchange = exchangeInto(to, resource, to.target!.spec(target));
        const expectHeld = async (sent: readonly RowTexts[]) => {
          const unheld = unheldBy(to, table, sent);
          expect(sorted(await to.target!.read(target))).toEqual(
            sorted(sent.filter((row) => !unheld.has(row[0]!))),
          );
          return unheld;
        };
        const refused = [];
        for (const batch of exchange.snapshot(parts)) refused.push(...(await exchange.write(batch)).rejected);
        const unheld = await expectHeld(rows);
        expect(new Set(refusedIds(refused))).toEqual(unheld);
        expect(refused.every(({ item, reason }) => item !== '*' && reason !== '')).toBe(true);

        const { ledger } = await exchange.write(exchange.delta(upsertsOf(rows)));
        if (pair.names[1] !== 'csv' && pair.names[1] !== 'jsonl') {
          expect(ledger.counts).toMatchObject({
            unchanged: rows.length - unheld.size,
            rejected: unheld.size,
          });
        }
        const turned = rows.map((row, at) => [row[0]!, ...rows[(at + 1) % rows.length]!.slice(1)]);
        const before = unheldBy(to, table, rows);
        const merged = await exchange.write(exchange.delta(upsertsOf(turned)));
        const stale = new Set(refusedIds(merged.rejected));
        expect(stale).toEqual(unheldBy(to, table, turned));
        // a refused change leaves the row as it was
        const left = [
          ...turned.filter((row) => !stale.has(row[0]!)),
          ...rows.filter((row) => stale.has(row[0]!) && !before.has(row[0]!)),
        ];
        expect(sorted(await to.target!.read(target))).toEqual(sorted(left));
      }),
      { seed, numRuns, interruptAfterTimeLimit: 20_000 * numRuns },
    );
  });
});
