import assert from 'node:assert/strict';
import type { Capture, CaptureObjectState, CaptureSpec, Checkpoint } from '@qianzhi/plugin-api';
import { describe, it } from 'vitest';
import { failsWith, sameRows } from './assertions.js';
import type { ConnectorHarness, TableOptions } from './harness.js';
import { createReplay, lastCheckpoint, readBlocks, rowsOf } from './reading.js';
import { enterprise, enterprises, renamed } from './resources.js';
import { type Session, withSession } from './session.js';

/**
 * Registers what capture of changes promises, over a harness whose site can `run` statements. `restarts` empties a change table (its
 * name as the config has it) so that its serials begin again at `serial`.
 */
export function describeCapture(
  harness: ConnectorHarness,
  restarts: (log: string, serial: string) => string,
): void {
  describe(`capture of changes: ${harness.name}`, () => {
    for (const [name, test] of Object.entries(tests))
      it(name, { timeout: 120_000 }, () => withSession(harness, (session) => test(session, restarts)));
  });
}

async function capturing(session: Session, options: TableOptions = { rows: enterprises(1, 6) }) {
  const { site, signal } = session;
  const table = await site.createTable(enterprise, options);
  const connection = await session.connect();
  const capture: Capture = connection.capture ?? assert.fail('its connections have a capture');
  const spec: CaptureSpec = { table: table.name };
  const plan = await capture.plan(spec, signal);
  const replay = createReplay(enterprise);
  let checkpoint: Checkpoint | undefined;
  const source = () => {
    const from = { ...(table.source('snapshot') as object), changeTable: plan.changeTable };
    return connection.source({ resource: enterprise, strategy: 'change-table', source: from }, signal);
  };
  /** One scheduled run: read to the end, then confirm. */
  async function run() {
    await using open = await source();
    const blocks = await readBlocks(open, enterprise, checkpoint, signal);
    checkpoint = lastCheckpoint(blocks, checkpoint);
    replay.apply(blocks);
    if (checkpoint !== undefined) await open.confirm(checkpoint, signal);
    return rowsOf(blocks);
  }
  const states = async () => new Set((await capture.inspect(spec, signal)).map(({ state }) => state));
  const write = (sql: string) => site.run?.(sql) ?? assert.fail('the site runs statements');
  const holdsTable = async (what: string) => sameRows(replay.rows(), await table.readAll(), what);
  return { table, capture, spec, plan, source, run, states, write, holdsTable };
}

const all = (state: CaptureObjectState['state']) => new Set([state]);

type CaptureTest = (session: Session, restarts: (log: string, serial: string) => string) => Promise<void>;

const tests: Readonly<Record<string, CaptureTest>> = {
  'a change table whose serials begin again stops the reader by a code: its canary is not met': async (
    session,
    restarts,
  ) => {
    const { table, capture, spec, plan, run, write } = await capturing(session);
    const made = await capture.install(spec, session.signal);
    const [first] =
      /\d{13}/.exec(made.map(({ sql }) => sql).join()) ?? assert.fail('serials begin somewhere');
    await run();
    await run();
    await write(restarts(String(plan.changeTable['table']), first));
    await table.insert(enterprises(41, 1));
    const error = await failsWith(['integrity'], 'a read that does not meet its canary', run);
    assert.match(error.code, /_CAPTURE_SILENT$/);
  },
  'a plan is reviewed first: it says what each statement is for, how to undo it, and changes nothing': async (
    session,
  ) => {
    const { plan, states, capture, spec } = await capturing(session);
    for (const { zh, en, sql } of [...plan.install, ...plan.remove]) {
      assert.match(zh, /\p{Script=Han}/u);
      assert.ok(en.length > 0 && sql.length > 0);
    }
    assert.deepEqual(await states(), all('missing'));
    assert.deepEqual(await capture.remove(spec, session.signal), [], 'there is nothing to remove');
  },
  'records inserts, updates, deletes and a key that changes, and lets the reader purge them': async (
    session,
  ) => {
    const { table, capture, spec, run, states, write, plan, holdsTable } = await capturing(session);
    assert.ok((await capture.install(spec, session.signal)).length > 0);
    assert.deepEqual(await states(), all('ok'));
    await run();
    await holdsTable('rows from before');
    await table.insert(enterprises(11, 2));
    await table.update([renamed(enterprises(2, 1)[0]!, '更名')]);
    await table.remove(enterprises(3, 1));
    await write(`UPDATE ${plan.table} SET id = 'E900000' WHERE id = 'E000004'`);
    const ops = (await run()).map(({ op, fields }) => `${op} ${fields[0]}`).sort();
    assert.deepEqual(ops, ['D E000003', 'D E000004', 'U E000002', 'U E000011', 'U E000012', 'U E900000']);
    await holdsTable('after every sort of change');
    assert.deepEqual(await run(), [], 'confirmed changes do not come again');
  },
  'a key that changes in its case alone, or blanks at its end, is another key': async (session) => {
    const { capture, spec, run, write, plan, holdsTable } = await capturing(session);
    await capture.install(spec, session.signal);
    await run();
    await write(`UPDATE ${plan.table} SET id = 'e000004' WHERE id = 'E000004'`);
    const ops = (await run()).map(({ op, fields }) => `${op} ${fields[0]}`);
    assert.deepEqual(ops, ['D E000004', 'U e000004']);
    await holdsTable('after the change of case');
  },
  'what is rolled back is not recorded': async (session) => {
    const { capture, spec, run, write, plan } = await capturing(session);
    await capture.install(spec, session.signal);
    await run();
    await write('BEGIN');
    await write(`DELETE FROM ${plan.table} WHERE id = 'E000001'`);
    await write('ROLLBACK');
    assert.deepEqual(await run(), []);
  },
  'installing again changes nothing': async (session) => {
    const { capture, spec, run } = await capturing(session);
    await capture.install(spec, session.signal);
    await run();
    assert.deepEqual(await capture.install(spec, session.signal), []);
    assert.deepEqual(await run(), [], 'so no full copy follows');
  },
  'a trigger that is gone stops the reader by a code; mended, a full copy brings what was missed': async (
    session,
  ) => {
    const { table, capture, spec, plan, source, run, states, write, holdsTable } = await capturing(session);
    await capture.install(spec, session.signal);
    await run();
    const drop = plan.remove.find(({ sql }) => /TRIGGER/.test(sql)) ?? assert.fail('a trigger is dropped');
    await write(drop.sql);
    assert.deepEqual(await states(), new Set(['ok', 'missing']));
    await table.insert(enterprises(21, 2));
    await table.remove(enterprises(1, 1));
    await table.update([renamed(enterprises(2, 1)[0]!, '漏记')]);
    const error = await failsWith(['config'], 'a source whose capture is not whole', source);
    assert.match(error.code, /_CAPTURE_BROKEN$/);
    assert.match(error.texts.zh.hint, /qianzhi connector capture install/);
    await capture.install(spec, session.signal);
    assert.deepEqual(await states(), all('ok'));
    await run();
    await holdsTable('after the repair');
  },
  'a repair that was killed before its last statement still leads to a full copy': async (session) => {
    const { table, capture, spec, plan, run, write, holdsTable } = await capturing(session);
    await capture.install(spec, session.signal);
    await run();
    const drop = plan.remove.find(({ sql }) => /TRIGGER/.test(sql)) ?? assert.fail('a trigger is dropped');
    await write(drop.sql);
    const repair = await capture.install(spec, session.signal);
    await run();
    await write(drop.sql);
    await table.insert(enterprises(21, 2));
    for (const { sql } of repair.slice(0, -1)) await write(sql);
    assert.deepEqual(await capture.install(spec, session.signal), [], 'it seems whole');
    await run();
    await holdsTable('after the repair');
  },
  'told another key it makes the change table again, and the program goes on writing': async (session) => {
    const { table, capture, spec, run, states, holdsTable } = await capturing(session);
    await capture.install({ ...spec, key: ['name'] }, session.signal);
    await capture.install({ ...spec, key: ['id'] }, session.signal);
    assert.deepEqual(await states(), all('ok'));
    await run();
    await table.insert(enterprises(11, 2));
    await table.remove(enterprises(1, 1));
    await run();
    await holdsTable('after the key was changed');
  },
  'a trigger that somebody changed is found': async (session) => {
    const { capture, spec, plan, source, states, write } = await capturing(session);
    await capture.install(spec, session.signal);
    const triggers = plan.install.filter(({ sql }) => /^CREATE (FUNCTION|TRIGGER)/.test(sql));
    const made = triggers[0] ?? assert.fail('a trigger is made');
    const drop = plan.remove.filter(({ sql }) => /TRIGGER|FUNCTION/.test(sql));
    for (const { sql } of drop) await write(sql);
    await write(made.sql.replace("'I'", "'X'"));
    for (const { sql } of triggers.slice(1)) await write(sql);
    assert.deepEqual(await states(), new Set(['ok', 'changed']));
    assert.match((await failsWith(['config'], 'a source', source)).code, /_CAPTURE_BROKEN$/);
  },
  'removes what it made and nothing else; made again, a reader from before begins with a full copy': async (
    session,
  ) => {
    const { table, capture, spec, run, states, holdsTable } = await capturing(session);
    await capture.install(spec, session.signal);
    await run();
    await table.update([renamed(enterprises(5, 1)[0]!, '一')]);
    await run();
    assert.ok((await capture.remove(spec, session.signal)).length > 0);
    assert.deepEqual(await states(), all('missing'));
    await table.remove(enterprises(1, 1));
    await table.insert(enterprises(31, 1));
    await capture.install(spec, session.signal);
    await run();
    await holdsTable('after it was removed and made again');
    await table.insert(enterprises(32, 1));
    await run();
    await holdsTable('and it goes on');
  },
  'records the columns that it is told': async (session) => {
    const { capture, table, states } = await capturing(session);
    const told = { table: table.name, key: ['name'] };
    await capture.install(told, session.signal);
    assert.deepEqual(await states(), all('ok'), 'later commands see what is recorded');
    const missing = { table: table.name, key: ['no_such_column'] };
    const error = await failsWith(['config'], 'a key column that is not there', () =>
      capture.plan(missing, session.signal),
    );
    assert.match(error.texts.en.message, /"no_such_column", which --key names/);
  },
};
