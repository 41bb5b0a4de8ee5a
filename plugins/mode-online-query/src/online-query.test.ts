import type { CatalogResource, Grant, LocalQuery, QueryRequest, QueryService } from '@qianzhi/model';
import { canonicalBytes, intlSuite } from '@qianzhi/model/crypto';
import type { OpenQuery, QueryRows } from '@qianzhi/plugin-api';
import { describe, expect, it } from 'vitest';
import { onlineQuery } from './online-query.js';
import { prepare } from './prepare.js';

const { accept, answer } = onlineQuery.answering!;
const service: QueryService = {
  name: 'by-code',
  summary: '',
  parameters: [{ name: 'code', item: 'code', required: true }],
  items: ['code', 'name', 'phone'],
  maxRows: 2,
};
const resource: CatalogResource = {
  code: 'firm',
  name: '企业',
  summary: '',
  department: 'mz',
  attribute: 'department',
  subject: 'other',
  sharing: 'unconditional',
  openness: 'closed',
  updateCycle: 'daily',
  schemaVersion: 3,
  items: [
    { name: '代码', column: 'code', type: 'C', length: 4, key: true },
    { name: '名称', column: 'name', type: 'C', length: 10 },
    { name: '电话', column: 'phone', type: 'C', length: 20 },
  ],
  queries: [service],
};
const local: LocalQuery = {
  resource: 'firm',
  service: 'by-code',
  mode: 'online-query',
  connector: 'db',
  lookup: { table: 'firm', columns: { code: 'dm' } },
  timeoutMs: 1_000,
  concurrency: 1,
};
const now = new Date('2026-03-02T08:00:00Z');
const grant: Grant = {
  type: 'grant',
  agreement: 'a1',
  grantVersion: 1,
  resource: 'firm',
  provider: 'mz',
  consumer: 'sw',
  items: ['code', 'name', 'phone'],
  masks: { phone: 'phone' },
  purpose: { usage: 'data-check', matter: '核验', legalBasis: '' },
  modes: ['online-query'],
  validFrom: '2026-01-01T00:00:00.000Z',
  validTo: '2027-01-01T00:00:00.000Z',
  approvedBy: 'x',
  issuedAt: '2026-01-01T00:00:00.000Z',
};
const request: QueryRequest = {
  type: 'query',
  version: 1,
  id: 'q1',
  salt: 's'.repeat(22),
  agent: 'mz-1',
  tunnel: 't1',
  resource: 'firm',
  schemaVersion: 3,
  service: 'by-code',
  serviceDigest: intlSuite.digest(canonicalBytes(service)),
  agreement: 'a1',
  grantVersion: 1,
  grantDigest: 'sha-256:x',
  consumer: 'sw',
  actor: 'person:x',
  matter: '核验',
  items: ['code', 'name', 'phone'],
  lookups: [{ code: 'a' }],
  maxRows: 2,
  maxBytes: 10_000,
  timeoutMs: 500,
  issuedAt: now.toISOString(),
  expiresAt: new Date(now.getTime() + 60_000).toISOString(),
};
const facts = { agent: 'mz-1', department: 'mz', tunnel: 't1', resource, local, now };

describe('a request', () => {
  it('is accepted where all of it fits', () => {
    expect(accept(request, grant, facts)).toMatchObject({
      timeoutMs: 500,
      spec: { place: { kind: 'lookup', by: { code: 'dm' } }, parameters: [{ column: 'code', length: 4 }] },
    });
  });

  it.each<[string, Partial<QueryRequest>, Partial<Grant>, object, string]>([
    ['for another agent', { agent: 'mz-2' }, {}, {}, 'REQUEST_FOREIGN'],
    ['of another connection', {}, {}, { tunnel: 't2' }, 'REQUEST_FOREIGN'],
    ['that is late', {}, {}, { now: new Date(now.getTime() + 200_000) }, 'REQUEST_LATE'],
    ['from the future', {}, {}, { now: new Date(now.getTime() - 200_000) }, 'REQUEST_LATE'],
    ['for a resource that is not supplied', {}, {}, { resource: undefined }, 'NOT_SUPPLIED'],
    ['for a service that is not configured', {}, {}, { local: undefined }, 'NOT_SUPPLIED'],
    ['for a service of another wording', { serviceDigest: 'sha-256:y' }, {}, {}, 'SERVICE_DIFFERS'],
    ['for another schema version', { schemaVersion: 2 }, {}, {}, 'SERVICE_DIFFERS'],
    ['under another grant version', { grantVersion: 2 }, {}, {}, 'GRANT_UNFIT'],
    ['for another consumer', { consumer: 'rs' }, {}, {}, 'GRANT_UNFIT'],
    ['of another provider', {}, { provider: 'rs' }, {}, 'GRANT_UNFIT'],
    ['under a grant for docking', {}, { modes: ['docking'] }, {}, 'GRANT_UNFIT'],
    ['under a grant that is over', {}, { validTo: '2026-03-01T00:00:00.000Z' }, {}, 'GRANT_UNFIT'],
    ['for items that are not granted', {}, { items: ['code', 'name'] }, {}, 'GRANT_UNFIT'],
    ['for items in another order', { items: ['name', 'code'] }, {}, {}, 'GRANT_UNFIT'],
    ['by a parameter that is none', { lookups: [{ code: 'a', x: 'b' }] }, {}, {}, 'PARAMETER_WRONG'],
    ['by a masked item', {}, { masks: { code: 'pseudonym' } }, {}, 'PARAMETER_WRONG'],
    ['without its parameter', { lookups: [{}] }, {}, {}, 'PARAMETER_WRONG'],
    ['with a value that is too long', { lookups: [{ code: 'abcde' }] }, {}, {}, 'PARAMETER_WRONG'],
  ])('%s is refused', (_, changed, granted, known, code) => {
    const attempt = () =>
      accept({ ...request, ...changed }, { ...grant, ...granted }, { ...facts, ...known });
    expect(attempt).toThrow(expect.objectContaining({ code: `QZ_QUERY_${code}` }));
  });
});

describe('a config', () => {
  it.each<[string, Partial<LocalQuery>, string]>([
    ['neither lookup nor statement', { lookup: undefined }, 'PLACE_UNCLEAR'],
    ['both', { statement: 'SELECT 1' }, 'PLACE_UNCLEAR'],
    ['a service that is not published', { service: 'other' }, 'SERVICE_UNPUBLISHED'],
    [
      'a constant for what is asked by',
      { lookup: { table: 'firm', columns: { code: { const: 'x' } } } },
      'COLUMN_UNNAMED',
    ],
  ])('with %s is refused', (_, change, code) => {
    expect(() => prepare({ ...local, ...change }, resource)).toThrow(
      expect.objectContaining({ code: `QZ_QUERY_${code}` }),
    );
  });
});

describe('an answer', () => {
  const rowsOf = (text: string, more: Partial<QueryRows> = {}): QueryRows => ({
    bytes: Buffer.from(text),
    rows: text.split('\n').length - 1,
    stoppedBy: undefined,
    rejected: [],
    ...more,
  });
  const give = (...answers: QueryRows[]): OpenQuery => ({
    usable: true,
    run: async () => answers[0]!,
    runEach: async () => answers,
    async [Symbol.asyncDispose]() {},
  });
  const run = (query: OpenQuery, changed: Partial<QueryRequest> = {}, granted: Partial<Grant> = {}) => {
    const asked = { ...request, ...changed };
    const held = { ...grant, ...granted };
    return answer(asked, held, accept(asked, held, facts), query, new AbortController().signal);
  };
  const text = ({ bytes }: { bytes: Uint8Array }) => Buffer.from(bytes).toString();

  it('has granted items only, masked', async () => {
    const found = await run(give(rowsOf('S\ta\t名\t13800138000\n')));
    expect(text(found)).toBe('S\ta\t名\t138****8000\n');
    expect(found).toMatchObject({ rows: 1, counts: [1], stoppedBy: undefined });
    const fewer = await run(
      give(rowsOf('S\ta\t名\t13800138000\n')),
      { items: ['name'] },
      { items: ['code', 'name'], masks: {} },
    );
    expect(text(fewer)).toBe('S\t名\n');
  });

  it('has the rows in scope only, also by an item that it does not show', async () => {
    const scoped = { rows: "phone starts with '138'", items: ['code', 'name'], masks: {} };
    const found = await run(
      give(rowsOf('S\ta\t名\t13800138000\nS\tb\t名\t139\nS\tc\t名\t\\N\n')),
      { items: ['code', 'name'] },
      scoped,
    );
    expect(text(found)).toBe('S\ta\t名\n');
    expect(found).toMatchObject({ rows: 1, counts: [1], rejected: 0, stoppedBy: undefined });
    // rows out of scope take no place among those that may be shown
    const many = ['139', '139', '139', '1381', '1382', '1383'].map((phone) => `S\ta\t名\t${phone}\n`);
    const cut = await run(give(rowsOf(many.join(''))), { items: ['code', 'name'] }, scoped);
    expect(cut).toMatchObject({ rows: 2, counts: [2], stoppedBy: 'rows' });
    const narrow = { ...service, items: ['code'] };
    const other = { ...resource, queries: [narrow] };
    const { spec, key } = prepare(local, other, ['phone']);
    expect(spec.resource.items.map(({ column }) => column)).toEqual(['code', 'phone']);
    expect(prepare(local, other).key).not.toBe(key);
    expect(prepare(local, other, ['phone']).key).toBe(key);
  });

  it('leaves out rows that break the catalog, and says so', async () => {
    const found = await run(give(rowsOf(`S\ta\t${'长'.repeat(11)}\t1\nS\tb\t名\t1\n`)));
    expect(found).toMatchObject({ rows: 1, rejected: 1, stoppedBy: 'rejected' });
  });

  it('to several sets counts the rows of each, without those that were left out', async () => {
    const bad = `S\tb\t${'长'.repeat(11)}\t1\n`;
    const answers = [rowsOf('S\ta\t名\t1\n'), rowsOf(`${bad}S\tb\t名\t1\n`), rowsOf(''), rowsOf(bad)];
    const lookups = ['a', 'b', 'c', 'd'].map((code) => ({ code }));
    const found = await run(give(...answers), { lookups, maxRows: 8 });
    expect(found).toMatchObject({ rows: 2, counts: [1, 1, 0, 0], rejected: 2, stoppedBy: 'rejected' });
    expect(text(found)).toBe('S\ta\t名\t*\nS\tb\t名\t*\n');
  });

  it('says which bound was reached, and is of no more sets than were answered', async () => {
    const full = rowsOf('S\ta\t名\t1\nS\tb\t名\t1\n', { stoppedBy: 'rows' });
    const lookups = [{ code: 'a' }, { code: 'b' }, { code: 'c' }];
    const found = await run(give(full, full), { lookups, maxRows: 4 });
    expect(found).toMatchObject({ rows: 4, counts: [2, 2], stoppedBy: 'rows' });
  });
});
