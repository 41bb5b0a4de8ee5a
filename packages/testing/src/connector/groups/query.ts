import assert from 'node:assert/strict';
import type { CatalogItem, CatalogResource } from '@qianzhi/model';
import type { OpenQuery, QueryPlace, QueryRows } from '@qianzhi/plugin-api';
import { failsWith, sameRows, withinMs } from '../assertions.js';
import type { ContractSuite } from '../contract.js';
import type { RowTexts, SiteAsking, TestTable } from '../harness.js';
import { enterprise, resourceOf } from '../resources.js';
import { decodeOpRows } from '../row-text.js';
import type { Session } from '../session.js';
import { valueVectors } from '../value-vectors.js';

const parameters: readonly CatalogItem[] = [
  { name: '编号', column: 'id', type: 'C', length: 200, required: false },
  { name: '名称', column: 'name', type: 'C', length: 200, required: false },
];
const wide = { maxRows: 1_000, maxRowsInAll: 100_000, maxBytes: 64 << 20 };
/** Values that are columns of one table: each table is asked in sessions of its own. */
const TOGETHER = 8;
/** An abort and a time limit are to reach the database within a second; a busy machine gets some more. */
const endsWithinMs = 3_000;

function askingOf({ site }: Session): SiteAsking {
  assert.ok(site.asking, 'the capabilities say `query`: the site needs `asking`');
  return site.asking;
}

async function open(
  session: Session,
  place: QueryPlace,
  resource: CatalogResource = enterprise,
  timeoutMs = 60_000,
): Promise<OpenQuery> {
  const connection = await session.connect();
  assert.ok(connection.query, 'the capabilities say `query`: a connection has it');
  const used = place.kind === 'lookup' ? Object.keys(place.by) : ['id'];
  const given = parameters.filter(({ column }) => used.includes(column));
  const spec = { resource, parameters: given, place, timeoutMs };
  return connection.query(spec, session.signal);
}

function lookup(table: TestTable, ...by: string[]): QueryPlace {
  const source = table.source('snapshot');
  return { kind: 'lookup', source, by: Object.fromEntries(by.map((column) => [column, column])) };
}

function fieldsOf({ bytes, rows }: QueryRows, width = enterprise.items.length): RowTexts[] {
  const lines = decodeOpRows(bytes, width);
  assert.equal(lines.length, rows, 'the rows are those that are counted');
  for (const { op } of lines) assert.equal(op, 'S', 'a row of an answer has op S');
  return lines.map(({ fields }) => fields);
}

const row = (id: string, name: string | null): RowTexts => [id, name, '1.00', null];
const each = (names: readonly (string | null)[]) => names.map((name, at) => row(`k${at}`, name));

function ways(session: Session, table: TestTable): [string, QueryPlace][] {
  return [
    ['a lookup', lookup(table, 'id')],
    ['a statement', { kind: 'statement', statement: askingOf(session).byId(table) }],
  ];
}

async function endsInDatabase(session: Session, timeoutMs: number, abort?: AbortController): Promise<void> {
  const asking = askingOf(session);
  const table = await session.site.createTable(enterprise, { rows: each(['a']) });
  const place: QueryPlace = { kind: 'statement', statement: asking.endless(table) };
  await using query = await open(session, place, enterprise, timeoutMs);
  const signal = abort?.signal ?? session.signal;
  const asked = query.run(['k0'], wide, signal);
  const outcome = failsWith([abort ? 'cancelled' : 'timeout'], 'what was ended', () => asked);
  await withinMs(
    30_000,
    'the statement is under way',
    whenRunning(asking, (count) => count > 0),
  );
  abort?.abort();
  await withinMs(timeoutMs + endsWithinMs, 'ending it', outcome);
  await withinMs(
    endsWithinMs,
    'its end in the database',
    whenRunning(asking, (count) => count === 0),
  );
  assert.equal(query.usable, false, 'what was ended in the midst of it is not asked again');
}

async function whenRunning(asking: SiteAsking, wanted: (count: number) => boolean): Promise<void> {
  while (!wanted(await asking.running())) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** What was written down to be another value is as it is for a source: the group `values` judges it. */
function carriedVectors({ harness }: Session) {
  return valueVectors.filter(({ name }) => harness.unsupportedValues?.[name] === undefined);
}

export const queryGroup: ContractSuite = {
  group: 'query',
  applies: ({ connector }) => connector.capabilities.query === true,
  tests: {
    'every value comes as row text, by lookup and by statement': async (session) => {
      const vectors = carriedVectors(session);
      const id: CatalogItem = {
        name: '编号',
        column: 'id',
        type: 'C',
        length: 20,
        key: true,
        required: true,
      };
      const { emptyStringIsNotNull } = session.harness.connector.capabilities;
      const asRead = (value: string | null) => (value === '' && !emptyStringIsNotNull ? null : value);
      for (let from = 0; from < vectors.length; from += TOGETHER) {
        const some = vectors.slice(from, from + TOGETHER);
        const items = some.map(({ item }, at) => ({ ...item, name: `${item.name}${at}`, column: `v${at}` }));
        const resource = resourceOf('contract_values', [id, ...items]);
        const most = Math.max(...some.map(({ texts }) => texts.length));
        // one row more, in which all are NULL
        const rows = Array.from(
          { length: most + 1 },
          (_, row): RowTexts => [`R${row}`, ...some.map(({ texts }) => texts[row] ?? null)],
        );
        const table = await session.site.createTable(resource, { rows });
        const ids = rows.map(([key]) => [key!]);
        const sameValues = (found: readonly RowTexts[], told: readonly RowTexts[], how: string) => {
          for (const [at, { name }] of some.entries()) {
            const pairOf = (fields: RowTexts): RowTexts => [fields[0]!, fields[at + 1]!];
            const expected = told.map(pairOf).map((fields) => fields.map(asRead));
            sameRows(found.map(pairOf), expected, `${name} by ${how}`);
          }
        };
        for (const [way, place] of ways(session, table)) {
          // many types, each with sessions of its own
          await using query = await open(session, place, resource);
          const answers = await query.runEach(ids, wide, session.signal);
          const width = resource.items.length;
          sameValues(
            answers.flatMap((one) => fieldsOf(one, width)),
            rows,
            way,
          );
          const one = await query.run(ids[0]!, wide, session.signal);
          sameValues(fieldsOf(one, width), rows.slice(0, 1), `${way}, alone`);
        }
      }
    },

    'a value never becomes part of the statement': async (session) => {
      const hostile = [
        "' OR '1'='1",
        "'; DROP TABLE x; --",
        '" OR 1=1 --',
        '\\',
        "\\' OR 1=1 -- ",
        ':id',
        '$1',
        '?',
        '%',
      ];
      const rows = [row('other', 'x'), ...hostile.slice(0, 3).map((id) => row(id.slice(0, 20), id))];
      const table = await session.site.createTable(enterprise, { rows });
      for (const [way, place] of ways(session, table)) {
        await using query = await open(session, place);
        const sets = hostile.map((id) => [id]);
        const answers = await query.runEach(sets, wide, session.signal);
        for (const [at, id] of hostile.entries()) {
          const found = rows.filter(([key]) => key === id).length;
          assert.equal(answers[at]!.rows, found, `${way} by ${JSON.stringify(id)} among others`);
          assert.equal(
            (await query.run([id], wide, session.signal)).rows,
            found,
            `${way} by ${JSON.stringify(id)}`,
          );
        }
      }
      assert.equal((await table.readAll()).length, rows.length, 'the table is as it was');
    },

    'a bound keeps rows out, and is said': async (session) => {
      const table = await session.site.createTable(enterprise, { rows: each(['a', 'a', 'a', 'b']) });
      await using query = await open(session, lookup(table, 'name'));
      const all = await query.run(['a'], { ...wide, maxRows: 3 }, session.signal);
      assert.deepEqual([all.rows, all.stoppedBy], [3, undefined], 'a bound that is not passed');
      const two = await query.run(['a'], { ...wide, maxRows: 2 }, session.signal);
      assert.deepEqual([two.rows, two.stoppedBy], [2, 'rows'], 'a bound of rows');
      await using again = await open(session, lookup(table, 'name'));
      const bytes = all.bytes.length - 1;
      const fewer = await again.run(['a'], { ...wide, maxBytes: bytes }, session.signal);
      assert.deepEqual([fewer.rows, fewer.stoppedBy], [2, 'bytes'], 'a bound of bytes');
      assert.ok(fewer.bytes.length <= bytes, 'no more bytes than the bound');
    },

    'many sets are answered one by one, in their order': async (session) => {
      const rows = Array.from({ length: 300 }, (_, at) => row(`k${at}`, `n${at}`));
      const table = await session.site.createTable(enterprise, { rows });
      const ids = ['k299', 'none', 'k0', 'k0', ...rows.map(([id]) => id!).reverse(), 'none'];
      for (const [way, place] of ways(session, table)) {
        await using query = await open(session, place);
        const answers = await query.runEach(
          ids.map((id) => [id]),
          wide,
          session.signal,
        );
        const found = answers.map((one) => fieldsOf(one).map(([id]) => id));
        assert.deepEqual(
          found,
          ids.map((id) => (id === 'none' ? [] : [id])),
          way,
        );
        assert.equal(query.usable, true, `${way} may be asked again`);
      }
    },

    'sets that give fewer values are asked as they are': async (session) => {
      const table = await session.site.createTable(enterprise, { rows: each(['a', 'b', 'a']) });
      await using query = await open(session, lookup(table, 'id', 'name'));
      const sets = [
        [null, 'a'],
        ['k1', null],
        ['k1', 'a'],
        ['k2', 'a'],
        [null, 'b'],
      ];
      const answers = await query.runEach(sets, wide, session.signal);
      const found = answers.map((one) =>
        fieldsOf(one)
          .map(([id]) => id)
          .sort(),
      );
      assert.deepEqual(found, [['k0', 'k2'], ['k1'], [], ['k2'], ['k1']]);
    },

    'many sets together keep the bounds of each, and of all': async (session) => {
      const names = ['a', 'a', 'a', 'b', 'b', 'c'];
      const table = await session.site.createTable(enterprise, { rows: each(names) });
      const ask = async (more: Partial<typeof wide>) => {
        await using query = await open(session, lookup(table, 'name'));
        const sets = [['b'], ['a'], ['none'], ['c']];
        const answers = await query.runEach(sets, { ...wide, ...more }, session.signal);
        for (const one of answers) fieldsOf(one);
        return answers.map(({ rows, stoppedBy }) => [rows, stoppedBy]);
      };
      assert.deepEqual(await ask({ maxRows: 2 }), [
        [2, undefined],
        [2, 'rows'],
        [0, undefined],
        [1, undefined],
      ]);
      assert.deepEqual(await ask({ maxRowsInAll: 6 }), [
        [2, undefined],
        [3, undefined],
        [0, undefined],
        [1, undefined],
      ]);
      assert.deepEqual(await ask({ maxRowsInAll: 5 }), [
        [2, undefined],
        [3, undefined],
        [0, undefined],
        [0, 'rows'],
      ]);
      assert.deepEqual(await ask({ maxRowsInAll: 4 }), [
        [2, undefined],
        [2, 'rows'],
      ]);
      await using query = await open(session, lookup(table, 'name'));
      const two = (await query.run(['b'], wide, session.signal)).bytes.length;
      assert.deepEqual(await ask({ maxBytes: two + Math.ceil(two / 2) }), [
        [2, undefined],
        [1, 'bytes'],
      ]);
    },

    'nothing can be written': async (session) => {
      const asking = askingOf(session);
      const rows = each(['a', 'b']);
      const table = await session.site.createTable(enterprise, { rows });
      const statement = await asking.deleting(table);
      await failsWith(['config', 'denied', 'internal', 'data'], 'a statement that deletes', async () => {
        await using query = await open(session, { kind: 'statement', statement });
        await query.run(['k0'], wide, session.signal);
      });
      sameRows(await table.readAll(), rows, 'the table');
    },

    'an abort ends the statement in the database': async (session) => {
      await endsInDatabase(session, 60_000, new AbortController());
    },

    'its time ends the statement in the database': async (session) => {
      await endsInDatabase(session, 2_000);
    },
  },
  refused: async (session) => {
    assert.equal((await session.connect()).query, undefined, 'no `query` where the capabilities say none');
  },
};
