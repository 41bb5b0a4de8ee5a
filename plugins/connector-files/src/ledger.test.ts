import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LedgerRow, Sink, SinkBatch } from '@qianzhi/plugin-api';
import { describe, expect, it } from 'vitest';
import { delivery, deltaOf } from './test/batches.js';
import { openSite, person, type Site, signal } from './test/site.js';

const nothing = async () => {
  throw new Error('a row was refused');
};
const write = (sink: Sink, batch: SinkBatch) => sink.write(batch, nothing, signal);
const text = (site: Site, name: string) => readFileSync(join(site.folder, name), 'utf8');
const seen = (site: Site) => site.names().filter((name) => name !== '.qianzhi');

describe('ledger', () => {
  it('a batch is written once; other content under its number is refused', async () => {
    using site = openSite();
    const batch = deltaOf(person, 1, [['U', '1', 'x']]);
    const first = await write(await site.sink({ name: 'area' }), batch);
    const again = await site.sink({ name: 'area' });
    expect(await write(again, batch)).toEqual(first);
    await expect(write(again, deltaOf(person, 1, [['U', '2', 'y']]))).rejects.toMatchObject({
      code: 'QZ_FILES_LEDGER_CONFLICT',
      kind: 'integrity',
    });
    await expect(write(again, deltaOf(person, 0, [['U', '2', 'y']]))).rejects.toMatchObject({
      code: 'QZ_FILES_LEDGER_FORGOTTEN',
    });
    expect(seen(site)).toEqual(['area-0000000001-changes.csv', 'area.schema.json']);
  });

  it('says where to go on, for each stream apart, whichever sink wrote', async () => {
    using site = openSite();
    const one = await site.sink({ name: 'area' });
    const two = await site.sink({ name: 'area' });
    const rows: LedgerRow[] = [];
    for (const seq of [1, 2, 3])
      rows.push(await write(seq % 2 ? one : two, deltaOf(person, seq, [['U', String(seq), null]])));
    for (const sink of [one, two]) {
      expect(await sink.ledgerHead(delivery, signal)).toEqual(rows[2]);
      expect(await sink.ledgerAfter(delivery, 1, 1, signal)).toEqual([rows[1]]);
      expect(await sink.ledgerHead({ ...delivery, grantVersion: 2 }, signal)).toBeUndefined();
    }
  });

  it('numbers of files go on whatever stream comes; another supplier needs takeOver', async () => {
    using site = openSite();
    await write(await site.sink({ name: 'area' }), deltaOf(person, 7, [['U', '1', null]]));
    const next = { ...deltaOf(person, 1, [['U', '2', null]]), delivery: { ...delivery, grantVersion: 2 } };
    await write(await site.sink({ name: 'area' }), next);
    const other = {
      ...deltaOf(person, 1, [['U', '3', null]]),
      delivery: { ...delivery, agreement: 'other' },
    };
    await expect(write(await site.sink({ name: 'area' }), other)).rejects.toMatchObject({
      code: 'QZ_FILES_TARGET_TAKEN',
    });
    await write(await site.sink({ name: 'area', takeOver: true }), other);
    expect(seen(site).filter((name) => name.endsWith('.csv'))).toEqual([
      'area-0000000001-changes.csv',
      'area-0000000002-changes.csv',
      'area-0000000003-changes.csv',
    ]);
  });

  it('files of a ledger that was lost are not written over', async () => {
    using site = openSite();
    site.put('area-0000000041-changes.csv', 'theirs');
    site.put('area-x-0000000099-changes.csv', 'of another target');
    await write(await site.sink({ name: 'area' }), deltaOf(person, 1, [['U', '1', null]]));
    expect(seen(site)).toContain('area-0000000042-changes.csv');
    expect(text(site, 'area-0000000041-changes.csv')).toBe('theirs');
  });

  it('a line that a crash left unfinished is cut off; a damaged one is told', async () => {
    using site = openSite();
    const first = await write(await site.sink({ name: 'area' }), deltaOf(person, 1, [['U', '1', null]]));
    const ledger = join(site.folder, '.qianzhi', 'area.ledger.jsonl');
    appendFileSync(ledger, '{"entry":{"row":{"exch');
    const sink = await site.sink({ name: 'area' });
    expect(await sink.ledgerHead(delivery, signal)).toEqual(first);
    await write(sink, deltaOf(person, 2, [['U', '2', null]]));
    expect((await (await site.sink({ name: 'area' })).ledgerHead(delivery, signal))?.seq).toBe(2);
    writeFileSync(ledger, `{broken\n${readFileSync(ledger, 'utf8')}`);
    await expect(site.sink({ name: 'area' })).rejects.toMatchObject({ code: 'QZ_FILES_LEDGER_DAMAGED' });
  });

  it('is shortened, and knows the newest rows and the number of files', async () => {
    using site = openSite();
    await write(await site.sink({ name: 'area' }), deltaOf(person, 1, [['U', '1', null]]));
    const ledger = join(site.folder, '.qianzhi', 'area.ledger.jsonl');
    const [claim, line] = readFileSync(ledger, 'utf8').trimEnd().split('\n') as [string, string];
    const lines = Array.from({ length: 20_000 }, (_, at) =>
      line.replace('"seq":1,', `"seq":${at + 1},`).replace(/"unfinished":"[^"]*",/, ''),
    );
    writeFileSync(ledger, `${[claim, ...lines].join('\n')}\n`);
    const sink = await site.sink({ name: 'area' });
    await write(sink, deltaOf(person, 20_001, [['U', '2', null]]));
    expect(readFileSync(ledger, 'utf8').split('\n').length).toBeLessThan(2100);
    expect((await sink.ledgerHead(delivery, signal))?.seq).toBe(20_001);
    await write(await site.sink({ name: 'area' }), deltaOf(person, 20_002, [['U', '3', null]]));
    expect(seen(site)).toContain('area-0000000003-changes.csv');
  });
});
