import type { QueryAnswer, QueryRequest, Signed } from '@qianzhi/model';
import { documentDigest, intlSuite, signDocument } from '@qianzhi/model/crypto';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createRig, newPair, type Rig, village } from '../exchange/test-exchange.js';
import { createProver } from './prove.js';
import type { Tunnel } from './tunnel.js';

let rig: Rig;
beforeEach(async () => {
  rig = await createRig();
});
afterEach(() => rig.close());

function asked(): Signed<QueryRequest> {
  const at = rig.context.now().toISOString();
  const body: QueryRequest = {
    type: 'query',
    version: 1,
    id: 'q1',
    salt: 's'.repeat(22),
    agent: 'mz-1',
    tunnel: 't',
    resource: 'village',
    schemaVersion: 1,
    service: 'by-code',
    serviceDigest: 'sha-256:x',
    agreement: 'a1',
    grantVersion: 1,
    grantDigest: 'sha-256:x',
    consumer: 'sw',
    actor: 'agent:sw-1',
    matter: '核对',
    items: ['code', 'name'],
    lookups: [{ code: '1' }, { code: '2' }],
    maxRows: 2,
    maxBytes: 100,
    timeoutMs: 1_000,
    issuedAt: at,
    expiresAt: at,
  };
  return signDocument(body, rig.context.signingKey);
}

interface Forged {
  readonly text?: string;
  readonly body?: Partial<QueryAnswer>;
  readonly key?: Rig['provider']['key'];
  readonly rows?: string;
}

function prove({ text = 'S\t1\t一\nS\t2\t\\N\n', body = {}, key = rig.provider.key, rows }: Forged = {}) {
  const document = asked();
  const digest = documentDigest(document, intlSuite);
  const bytes = Buffer.from(text);
  const answer: QueryAnswer = {
    type: 'query-answer',
    version: 1,
    id: 'q1',
    requestDigest: digest,
    agent: 'mz-1',
    rows: 2,
    counts: [1, 1],
    complete: true,
    stoppedBy: null,
    rejected: 0,
    bytes: bytes.length,
    rowsDigest: intlSuite.digest(bytes),
    answeredAt: rig.context.now().toISOString(),
    ...body,
  };
  const grant = rig.grant('a1', { modes: ['online-query'], ...(rows && { rows }) }).body;
  const tunnel = { caller: rig.provider.caller } as Tunnel;
  return createProver(rig.context)(
    { answer: signDocument(answer, key), bytes },
    { document, digest },
    grant,
    village(),
    tunnel,
  );
}

it('an answer that its agent signed goes on as it is', async () => {
  expect(await prove()).toMatchObject({
    values: [
      ['1', '一'],
      ['2', null],
    ],
    own: true,
  });
  // what is not shown cannot be judged here
  expect(await prove({ rows: "phone = '1'" })).toMatchObject({ own: true });
});

it.each<[string, Forged]>([
  ['another request', { body: { id: 'q2' } }],
  ['another agent', { body: { agent: 'mz-2' } }],
  ['a request that was changed', { body: { requestDigest: `sha-256:${'0'.repeat(43)}` } }],
  ['other rows', { body: { rowsDigest: intlSuite.digest(Buffer.from('S\t1\t二\n')) } }],
  ['fewer rows than it says', { text: 'S\t1\t一\n' }],
  ['more rows than may be', { text: 'S\t1\t一\nS\t2\t\\N\nS\t2\tx\n', body: { rows: 3, counts: [1, 2] } }],
  ['more bytes than may be', { text: `S\t1\t${'x'.repeat(100)}\nS\t2\t\\N\n` }],
  ['more items than were asked for', { text: 'S\t1\t一\t110\nS\t2\t\\N\t110\n' }],
  ['rows that are deleted or changed', { text: 'S\t1\t一\nU\t2\t\\N\n' }],
  ['rows that are no row text', { text: 'S\t1\t一\nS\t2\t\\x\n' }],
  ['sets that are not accounted for, as complete', { body: { counts: [2] } }],
  ['a bound that was reached, as complete', { body: { stoppedBy: 'rows' } }],
  ['rows left out, as complete', { body: { rejected: 1 } }],
  ['rows out of scope', { rows: "name = '一'" }],
  ['counts that do not sum up', { body: { counts: [1, 0] } }],
])('is not believed: %s', async (_, forged) => {
  await expect(prove(forged)).rejects.toMatchObject({
    code: 'QZ_PLATFORM_QUERY_ANSWER_WRONG',
    kind: 'integrity',
  });
});

it('is not believed under another key', async () => {
  await expect(prove({ key: newPair().key })).rejects.toMatchObject({
    code: 'QZ_PLATFORM_QUERY_ANSWER_WRONG',
  });
  await expect(prove({ key: rig.consumer.key })).rejects.toMatchObject({
    code: 'QZ_PLATFORM_QUERY_ANSWER_WRONG',
  });
});
