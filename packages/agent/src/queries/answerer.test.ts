import { defineErrors, type Grant, type KeyRecord, type QueryRequest } from '@qianzhi/model';
import {
  documentDigest,
  intlSuite,
  keyIdOf,
  type SigningKey,
  signDocument,
  verifyDocument,
} from '@qianzhi/model/crypto';
import type { AnsweringMode } from '@qianzhi/plugin-api';
import { beforeEach, describe, expect, it } from 'vitest';
import { agentErrors } from '../errors.js';
import { createAnswerer } from './answerer.js';
import type { QueryEvent } from './query-event.js';
import type { QueryEntry } from './query-log.js';

const now = () => new Date('2026-03-02T08:00:00Z');
const connectorErrors = defineErrors('ANSWERER', {
  TABLE_MISSING: {
    kind: 'config',
    zh: { message: '没有表 t_secret', hint: '改正' },
    en: { message: 'there is no table t_secret', hint: 'correct it' },
  },
});

function party(owner: string): { key: SigningKey; record: KeyRecord } {
  const pair = intlSuite.generateKeyPair();
  const keyId = keyIdOf(pair.publicKey);
  const record = {
    keyId,
    owner,
    suite: 'intl',
    publicKey: pair.publicKey,
    validFrom: '2026-01-01T00:00:00Z',
  };
  return { key: { keyId, suite: intlSuite, privateKey: pair.privateKey }, record };
}

const platform = party('platform');
const agent = party('mz-1');
const stranger = party('platform');
const grant = signDocument<Grant>(
  { type: 'grant', agreement: 'a1', grantVersion: 1, issuedAt: now().toISOString() } as Grant,
  platform.key,
);
const body = (more: Partial<QueryRequest> = {}) =>
  ({
    type: 'query',
    version: 1,
    id: 'q1',
    resource: 'firm',
    service: 's',
    agreement: 'a1',
    grantVersion: 1,
    consumer: 'sw',
    actor: 'x',
    matter: 'm',
    lookups: [{ code: 'secret-value' }],
    grantDigest: documentDigest(grant, intlSuite),
    ...more,
  }) as QueryRequest;
const signed = (more: Partial<QueryRequest> = {}, { key } = platform) => signDocument(body(more), key);

let logged: QueryEntry[];
let ended: QueryEvent[];
let logs: () => Promise<void>;
let answer: AnsweringMode['answer'];
beforeEach(() => {
  logged = [];
  ended = [];
  logs = async () => undefined;
  answer = async () => ({
    bytes: Buffer.from('S\t1\n'),
    rows: 1,
    counts: [1],
    stoppedBy: undefined,
    rejected: 0,
  });
});

function answerer() {
  const mode = {
    check: () => undefined,
    prepare: () => ({ spec: {}, key: 'k' }),
    accept: () => ({ spec: {}, key: 'k', timeoutMs: 1_000 }),
    answer: (...all: Parameters<AnsweringMode['answer']>) => answer(...all),
  } as unknown as AnsweringMode;
  return createAnswerer({
    agent: 'mz-1',
    department: 'mz',
    signingKey: agent.key,
    now,
    platformKeys: () => [platform.record],
    assignments: () => undefined,
    refresh: async () => undefined,
    localOf: () => ({ local: {} as never, mode }),
    fallback: () => mode,
    pool: { use: (_prepared, _local, work) => work({} as never), close: async () => undefined },
    queryLog: {
      async record(entry) {
        await logs();
        logged.push(entry);
      },
      close: async () => undefined,
    },
    ended: (event) => ended.push(event),
    log: { debug() {}, info() {}, warn() {}, error() {} },
  });
}
const never = new AbortController().signal;

describe('the provider’s agent', () => {
  it('answers what the platform signed, once, and says by its own signature what', async () => {
    const ask = answerer();
    const request = signed();
    const given = await ask(request, grant, 't', never);
    expect(verifyDocument(given.answer, [agent.record], now().toISOString()).owner).toBe('mz-1');
    expect(given.answer.body).toMatchObject({
      requestDigest: documentDigest(request, intlSuite),
      rowsDigest: intlSuite.digest(given.bytes),
      complete: true,
    });
    await expect(ask(request, grant, 't', never)).rejects.toMatchObject({ code: 'QZ_AGENT_QUERY_REPLAYED' });
    expect(logged.map(({ kind }) => kind)).toEqual(['answered', 'refused']);
    expect(ended).toMatchObject([
      { service: 'firm/s', outcome: 'complete', rows: 1 },
      { service: 'firm/s', outcome: 'refused', rows: 0 },
    ]);
    expect(JSON.stringify(logged)).not.toContain('secret-value');
  });

  it.each([
    ['a request by another key', () => [signed({}, stranger), grant] as const],
    ['a request that was changed', () => [{ ...signed(), body: body({ id: 'q2' }) }, grant] as const],
    [
      'another grant',
      () => [signed(), signDocument({ ...grant.body, agreement: 'a2' }, platform.key)] as const,
    ],
    [
      'a grant by another key',
      () => {
        const forged = signDocument(grant.body, stranger.key);
        return [signed({ grantDigest: documentDigest(forged, intlSuite) }), forged] as const;
      },
    ],
  ])('believes no %s', async (_, given) => {
    const [request, with_] = given();
    await expect(answerer()(request, with_, 't', never)).rejects.toMatchObject({
      code: 'QZ_AGENT_QUERY_UNTRUSTED',
      kind: 'denied',
    });
  });

  it('believes a grant that it knows no further than it was proven', async () => {
    const ask = answerer();
    await ask(signed(), grant, 't', never);
    const otherDigest = signed({ id: 'q2', grantDigest: `sha-256:${'0'.repeat(43)}` });
    const otherSignature = { ...grant, signature: { ...grant.signature, value: `${'A'.repeat(86)}==` } };
    for (const [request, with_] of [
      [otherDigest, grant],
      [signed({ id: 'q3' }), otherSignature],
    ] as const) {
      const refused = expect(ask(request, with_, 't', never)).rejects;
      await refused.toMatchObject({ code: 'QZ_AGENT_QUERY_UNTRUSTED', kind: 'denied' });
    }
    await ask(signed({ id: 'q4' }), grant, 't', never);
  });

  it('tells others that its database failed, not what it is called', async () => {
    answer = () => Promise.reject(connectorErrors.TABLE_MISSING());
    const error = await answerer()(signed(), grant, 't', never).catch((caught) => caught);
    expect(error).toMatchObject({
      code: 'QZ_AGENT_QUERY_FAILED',
      kind: 'unavailable',
      details: { code: 'QZ_ANSWERER_TABLE_MISSING' },
    });
    expect(JSON.stringify(error.texts)).not.toContain('t_secret');
    expect(logged).toMatchObject([{ kind: 'refused', code: 'QZ_ANSWERER_TABLE_MISSING' }]);
  });

  it('hands nothing out that is not in its log', async () => {
    logs = () => Promise.reject(agentErrors.QUERY_LOG_UNWRITABLE({ file: 'f', reason: 'ENOSPC' }));
    await expect(answerer()(signed(), grant, 't', never)).rejects.toMatchObject({
      code: 'QZ_AGENT_QUERY_LOG_UNWRITABLE',
    });
  });

  it('ends in its own time, whatever the database does', async () => {
    answer = (_request, _grant, _accepted, _query, signal) =>
      new Promise((_, reject) =>
        signal.addEventListener('abort', () => reject(connectorErrors.TABLE_MISSING())),
      );
    await expect(answerer()(signed(), grant, 't', never)).rejects.toMatchObject({
      code: 'QZ_AGENT_QUERY_SLOW',
      kind: 'timeout',
    });
  });
});
