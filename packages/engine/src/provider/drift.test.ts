import type { Connection, SourceShape } from '@qianzhi/plugin-api';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { memoryConnection } from '../doubles/memory-table.js';
import { createRig, deadline, type Rig, runNow, until, village } from '../doubles/rig.js';

let rig: Rig;
beforeEach(async () => {
  rig = await createRig();
  for (let i = 0; i < 9; i++) rig.source.put(`0${i}`, `村${i}`);
});
afterEach(() => rig.cleanup());

const kinds = () => rig.platform.batchesOf('civil-1').map(({ manifest }) => manifest.body.kind);
const shapeOf = (type: string): SourceShape => ({ columns: [{ item: 'name', type }], key: ['code'] });

/** The rig's table, which tells its shape; `opening` is waited for before the source is there. */
function shaped(shape: () => SourceShape, opening = async () => {}): Connection {
  const connection = memoryConnection(rig.source);
  return {
    ...connection,
    async source(spec, signal) {
      await opening();
      return { ...(await connection.source(spec, signal)), shape: shape() };
    },
  };
}

it('a receipt that comes while the source is opened stays, when the table’s shape is first kept', async () => {
  rig.platform.faults.holdReceipts = true;
  const before = await rig.provider();
  before.jobs.run('village-out');
  await until('it is stored', () => kinds().length === 1);
  await rig.kill(before);

  const engine = await rig.provider({
    openConnection: async () =>
      shaped(
        () => shapeOf('text'),
        async () => {
          rig.platform.releaseReceipts();
          await until('its receipt came', () => engine.streams.show('village').receiptedSeq === 1);
        },
      ),
  });
  expect(await runNow(engine, 'village-out')).toMatchObject({ state: 'done' });
  expect(engine.streams.show('village')).toMatchObject({ head: { seq: 1 }, receiptedSeq: 1 });
});

it('a re-typed column is read anew as a whole, also where a change of the catalog is accepted with it', async () => {
  let type = 'varchar(20)';
  const engine = await rig.provider({ openConnection: async () => shaped(() => shapeOf(type)) });
  await runNow(engine, 'village-out');
  type = 'varchar(40)';
  expect(await runNow(engine, 'village-out')).toMatchObject({
    state: 'failed',
    problem: { code: 'QZ_ENGINE_DRIFT' },
  });
  const wider = village.items.map((item) => (item.column === 'name' ? { ...item, length: 40 } : item));
  rig.platform.setResource({ ...village, schemaVersion: 2, items: wider });
  await engine.streams.acceptSchema('village', deadline());
  await until('a snapshot follows', () => kinds().length === 2);
  expect(kinds()).toEqual(['snapshot', 'snapshot']);
});
