import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import type { ContractSuite } from '../contract.js';
import { readBlocks } from '../reading.js';
import { enterprise, enterprises, renamed, resourceOf } from '../resources.js';
import { exchangeName, type Session } from '../session.js';
import { deltaBatch, nothingRejected, quarantine, upserts } from '../writing.js';

const rowValue = '行中之值不得外泄';

/** Everything a person or a log could come to see of a value: errors with their causes, reports, log lines. */
function visible(value: unknown): string {
  const deep = inspect(value, { depth: 12, maxStringLength: null, maxArrayLength: null, showHidden: false });
  return value instanceof Error && 'texts' in value ? `${deep} ${JSON.stringify(value.texts)}` : deep;
}

/** Does the work and answers what can be seen of its outcome. */
async function outcome(work: () => Promise<unknown>): Promise<string> {
  try {
    return visible(await work());
  } catch (error) {
    return visible(error);
  }
}

async function outcomes(session: Session): Promise<Record<string, string>> {
  const { site, connect, signal, harness } = session;
  const table = await site.createTable(enterprise, { rows: enterprises(1, 3) });
  const connection = await connect();
  const seen: Record<string, string> = {
    check: await outcome(() => connection.check(signal)),
    discover: await outcome(() => connection.discover({}, signal)),
  };
  for (const { name, config } of site.wrongConfigs) {
    seen[`check with ${name}`] = await outcome(async () => (await connect(config)).check(signal));
  }
  const strategy = harness.connector.capabilities.read.find((each) => each !== 'diff');
  if (strategy) {
    seen['a missing source'] = await outcome(() =>
      connection.source({ resource: enterprise, strategy, source: site.missing.source }, signal),
    );
    const wider = resourceOf(enterprise.code, [
      ...enterprise.items,
      { name: '电话', column: 'phone_number', type: 'C' },
    ]);
    seen['a missing column'] = await outcome(() =>
      connection.source({ resource: wider, strategy, source: table.source(strategy) }, signal),
    );
  }
  if (harness.connector.capabilities.write.length > 0) {
    seen['a missing target'] = await outcome(() =>
      connection.sink({ exchange: exchangeName, resource: enterprise, target: site.missing.target }, signal),
    );
  }
  return seen;
}

export const secretsGroup: ContractSuite = {
  group: 'secrets',
  tests: {
    'marks the secret in its schema': async ({ harness: { connector }, site }) => {
      assert.ok(site.secret && site.secret.length >= 8, 'the harness names the secret in its config');
      const marked = secretFields(connector.configSchema).map((path) => at(site.config, path));
      assert.ok(marked.includes(site.secret), 'the field with the secret carries `secret: true`');
    },
    'shows the secret in no report, error or log line': async (session) => {
      const { secret } = session.site;
      assert.ok(secret);
      for (const [what, text] of Object.entries(await outcomes(session))) {
        assert.ok(!text.includes(secret), `${what} shows the secret`);
      }
      assert.ok(!visible(session.logged).includes(secret), 'the log shows the secret');
    },
    'shows no row value in an error or log line': (session) => showsNoRowValue(session),
  },
  refused: async (session) => {
    assert.equal(session.site.secret, null, 'the site names a secret although there is none');
    assert.deepEqual(secretFields(session.harness.connector.configSchema), [], 'the schema marks a secret');
    await showsNoRowValue(session);
  },
};

async function showsNoRowValue(session: Session): Promise<void> {
  const { harness, site, signal } = session;
  const rows = enterprises(1, 3).map((row) => renamed(row, rowValue));
  if (harness.connector.capabilities.read.includes('snapshot')) {
    const table = await site.createTable(enterprise, { rows });
    const source = await session.source(table, enterprise, 'snapshot');
    await readBlocks(source, enterprise, undefined, signal);
    assert.ok(!visible(source.notices()).includes(rowValue), 'a notice shows a row value');
  }
  if (harness.connector.capabilities.write.includes('merge')) {
    const refuses = harness.unsupported['sink-reject'] === undefined;
    const table = await site.createTable(
      enterprise,
      refuses ? { refuse: { column: 'name', value: rowValue } } : {},
    );
    const sink = await session.sink(table, enterprise, 'merge');
    const kept = quarantine();
    const written = await outcome(() =>
      sink.write(deltaBatch(enterprise, 1, upserts(rows)), kept.onRejected, signal),
    );
    assert.ok(!written.includes(rowValue), 'a write shows a row value');
    for (const { reason, item } of kept.rows)
      assert.ok(!`${reason} ${item}`.includes(rowValue), 'a reason shows a row value');
    const conflict = deltaBatch(enterprise, 1, upserts(rows.slice(0, 1)));
    const refused = await outcome(() => sink.write(conflict, nothingRejected, signal));
    assert.ok(!refused.includes(rowValue), 'a conflict shows a row value');
  }
  assert.ok(!visible(session.logged).includes(rowValue), 'the log shows a row value');
}

/** Paths of the schema's fields with `secret: true`. */
function secretFields(schema: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const node = schema as {
    secret?: unknown;
    properties?: Record<string, unknown>;
    anyOf?: unknown[];
    allOf?: unknown[];
  };
  const own = node.secret === true ? [path] : [];
  const inner = Object.entries(node.properties ?? {}).flatMap(([name, field]) =>
    secretFields(field, [...path, name]),
  );
  const either = [...(node.anyOf ?? []), ...(node.allOf ?? [])].flatMap((branch) =>
    secretFields(branch, path),
  );
  return [...own, ...inner, ...either];
}

function at(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((held, name) => (held as Record<string, unknown> | undefined)?.[name], value);
}
