import { execFile } from 'node:child_process';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import openapiTS, { astToString } from 'openapi-typescript';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiCaller, createPushSite, inboxConfig, type PushSite } from './push-site.js';
import { until } from './until.js';

const modules = fileURLToPath(new URL('../../node_modules', import.meta.url));

/** What a vendor would write against the generated client. */
const provider = `
import createClient from 'openapi-fetch';
import type { paths } from './provider.js';
const api = createClient<paths>({ baseUrl: process.env.URL!, headers: { authorization: \`Bearer \${process.env.KEY}\` } });
const taken = await api.POST('/resources/firm/records', {
  params: { header: { 'Idempotency-Key': 'client-1' } },
  body: { code: 'k1', name: '甲', capital: '1.5', active: true },
});
const refused = await api.POST('/resources/firm/records', { body: { code: 'k2', name: 'x'.repeat(41) } });
const removed = await api.POST('/resources/firm/deletions', { body: { code: 'k3' } });
const push = taken.data!.push;
const shown = await api.GET('/resources/firm/pushes/{push}', { params: { path: { push } } });
const stages: ('accepted' | 'sealed' | 'stored')[] = [shown.data!.stage];
console.log(JSON.stringify({ accepted: taken.data!.accepted, code: refused.error!.code, removed: removed.data!.accepted, stages }));
`;
const consumer = `
import createClient from 'openapi-fetch';
import type { paths } from './consumer.js';
const api = createClient<paths>({ baseUrl: process.env.URL!, headers: { authorization: \`Bearer \${process.env.KEY}\` } });
const page = await api.GET('/feeds/firm/changes', { params: { query: { limit: 10 } } });
const names = page.data!.records.flatMap(({ values }) => ('name' in values ? [values.name satisfies string] : []));
const one = await api.POST('/feeds/firm/lookups', { body: { code: 'k1' } });
console.log(JSON.stringify({ names, end: page.data!.end, op: one.data!.op }));
`;

let rig: PushSite;
let mz: ApiCaller;
let sw: ApiCaller;
let folder: string;

async function generate(name: string, caller: ApiCaller) {
  const { status, body } = await caller.call('GET', '/openapi.json');
  expect(status).toBe(200);
  await writeFile(join(folder, `${name}.d.ts`), astToString(await openapiTS(body)));
  return body;
}

function problemsOf(file: string): readonly string[] {
  const program = ts.createProgram([file], {
    strict: true,
    noEmit: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    skipLibCheck: true,
    types: ['node'],
    typeRoots: [join(folder, 'node_modules/@types')],
  });
  return ts
    .getPreEmitDiagnostics(program)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}

async function written(name: string, text: string): Promise<string> {
  const file = join(folder, `${name}.mts`);
  await writeFile(file, text);
  return file;
}

async function run(name: string, text: string, url: string, key: string) {
  const file = await written(name, text);
  expect(problemsOf(file)).toEqual([]);
  const { outputText } = ts.transpileModule(text, {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
  });
  await writeFile(join(folder, `${name}.mjs`), outputText);
  const env = { ...process.env, URL: `${url}/api/v1`, KEY: key };
  const { stdout } = await promisify(execFile)(process.execPath, [join(folder, `${name}.mjs`)], { env });
  return JSON.parse(stdout) as Record<string, unknown>;
}

beforeAll(async () => {
  rig = await createPushSite();
  await rig.site.subscribe('sw', 'firm');
  folder = rig.site.at('client');
  await mkdir(folder);
  await symlink(modules, join(folder, 'node_modules'));
  await writeFile(join(folder, 'package.json'), '{"type":"module"}');
  mz = await rig.caller('mz-1', 'crm', 'push:firm');
  await rig.start('sw-1', 'sw', inboxConfig);
  sw = await rig.caller('sw-1', 'erp', 'read:firm');
  await until('both know what they are about', async () => {
    const paths = async (caller: ApiCaller) =>
      Object.keys((await caller.call('GET', '/openapi.json')).body.paths);
    return (await paths(mz)).length > 0 && (await paths(sw)).length > 0;
  });
}, 60_000);
afterAll(() => rig?.close());

describe.sequential('OpenAPI of an agent', () => {
  it('a vendor’s generated client type-checks, and works against the running provider', async () => {
    const document = await generate('provider', mz);
    expect(document.openapi).toBe('3.1.0');
    expect(document.components.schemas['firm.push']).toMatchObject({
      required: ['code', 'name'],
      additionalProperties: false,
      properties: {
        code: { type: 'string', maxLength: 18 },
        capital: { type: ['string', 'number', 'null'] },
        active: { type: ['boolean', 'null'] },
      },
    });
    expect(await run('provide', provider, rig.url, mz.key)).toEqual({
      accepted: 1,
      code: 'QZ_AGENT_API_RECORD_REFUSED',
      removed: 1,
      stages: [expect.stringMatching(/^(accepted|sealed|stored)$/)],
    });
  });

  it('what the catalog forbids does not compile', async () => {
    const wrong = [
      provider.replace("name: '甲', ", ''),
      provider.replace("'k1'", '1'),
      provider.replace('active: true', "active: 'yes'"),
    ];
    for (const [at, text] of wrong.entries()) {
      expect(problemsOf(await written(`wrong-${at}`, text)), String(at)).toHaveLength(1);
    }
  });

  it('and the same of what a consumer reads', async () => {
    await until(
      'it has arrived',
      async () => (await sw.call('GET', '/feeds/firm/changes')).body.records?.length > 0,
    );
    await generate('consumer', sw);
    const { url } = rig.agent('sw-1').status().api!;
    expect(await run('consume', consumer, url, sw.key)).toEqual({ names: ['甲'], end: true, op: 'upsert' });
  });

  it('a key is shown what it may use, and nothing else', async () => {
    const other = await rig.caller('mz-1', 'other', 'push:other', 'read:*');
    expect((await other.call('GET', '/openapi.json')).body.paths).toEqual({});
  });
});
