import { join } from 'node:path';
import { readIdentity } from '@qianzhi/agent';
import { createClient, type PlatformClient, signRequest, targetOf } from '@qianzhi/client';
import { API_ROOT, agentRoutes, FENCE_HEADER, MANIFEST_HEADER } from '@qianzhi/model';
import { documentDigest, intlSuite, type SigningKey } from '@qianzhi/model/crypto';
import { compress } from '@qianzhi/rows';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  createSealer,
  type Sealed,
  type Sealer,
  type SealSpec,
  type TestRow,
} from '../../packages/platform/src/exchange/test-sealer.js';
import { query } from '../fixtures/tables.js';
import { expectEvidence } from './evidence.js';
import { createFirmSite, type FirmSite } from './firm.js';

let site: FirmSite;
let client: PlatformClient;
let key: SigningKey;
let fence: number | undefined;
let sealer: Sealer;

/** An enrolled agent with its own key and a true duty, whose program is not ours. */
beforeEach(async () => {
  site = await createFirmSite({ rows: 3 });
  const identity = (await readIdentity(site.mz.stateDir))!;
  key = { keyId: identity.keyId, suite: intlSuite, privateKey: identity.privateKey };
  fence = undefined;
  client = createClient({
    url: site.url,
    identity: {
      kind: 'agent',
      key,
      audience: identity.audience,
      platformKeys: () => identity.platformKeys,
      fence: () => fence,
    },
  });
  fence = (await client.call(agentRoutes.claimInstance, { body: { instance: 'x', version: '0' } })).fence;
  const { body } = await client.call(agentRoutes.assignments, {});
  const duty = documentDigest(body.supply[0]!.duty, intlSuite);
  sealer = createSealer({ resource: 'firm', agent: 'mz-1', epoch: 1 }, key, duty);
});
afterEach(async () => {
  await client?.close();
  await site?.close();
});

const rows: TestRow[] = [
  ['U', 'c1', '一', '1'],
  ['U', 'c2', '二', null],
];
const send = ({ path, headers, bytes }: Pick<Sealed, 'path' | 'headers' | 'bytes'>) =>
  client.call(agentRoutes.sendBatch, {
    params: { ...path },
    headers: { [MANIFEST_HEADER]: String(headers[MANIFEST_HEADER]) },
    body: bytes,
  });
const stored = () =>
  query(join(site.dataDir, 'platform.sqlite'), 'SELECT seq FROM batches') as { seq: number }[];

describe('batches truly signed and wrong inside are refused, and nothing of them is stored', () => {
  const cases: [what: string, code: string, spec: () => SealSpec | Promise<SealSpec>][] = [
    [
      'shifted columns',
      'QZ_ROWS_MALFORMED',
      () => ({ rows, raw: Buffer.from('U\tc1\t一\nU\tc2\t二\tx\ty\n') }),
    ],
    ['a wrong row count', 'QZ_PLATFORM_ROWS_COUNT', () => ({ rows, change: { rows: 9, read: 9 } })],
    ['counts that do not balance', 'QZ_PLATFORM_COUNTS_UNBALANCED', () => ({ rows, change: { read: 7 } })],
    [
      'a snapshot flag over changes',
      'QZ_PLATFORM_OP_WRONG',
      () => ({ rows, snapshot: { id: 's', part: 1, last: true, totals: { parts: 1, rows: 2 } } }),
    ],
    [
      'totals that the parts do not add up to',
      'QZ_PLATFORM_SNAPSHOT_ORDER',
      () => ({
        rows: [['S', 'c1', 'x', null]],
        snapshot: { id: 's', part: 1, last: true, totals: { parts: 1, rows: 5 } },
      }),
    ],
    [
      'a decompression bomb',
      'QZ_ROWS_FRAME',
      async () => ({ rows, bytes: await compress(Buffer.alloc(17 << 20)), change: { rawBytes: 100 } }),
    ],
    ['another schema version', 'QZ_PLATFORM_SCHEMA_UNKNOWN', () => ({ rows, schemaVersion: 9 })],
    [
      'another resource',
      'QZ_PLATFORM_DUTY_MISSING',
      () => ({ rows, change: { stream: { resource: 'salary', agent: 'mz-1', epoch: 1 } } }),
    ],
    [
      'the stream of another agent',
      'QZ_PLATFORM_STREAM_OF_OTHER',
      () => ({ rows, change: { stream: { resource: 'firm', agent: 'sw-1', epoch: 1 } } }),
    ],
    [
      'a duty of its own making',
      'QZ_PLATFORM_DUTY_DIFFERS',
      () => ({ rows, change: { dutyDigest: `sha-256:${'0'.repeat(64)}` } }),
    ],
  ];
  it.each(cases)('%s', async (_what, code, spec) => {
    await expect(send(await sealer.peek(await spec()))).rejects.toMatchObject({ code });
    expect(stored()).toEqual([]);
  });

  it('an old batch under a new sequence, other rows under an old one', async () => {
    const first = await sealer.next({ rows });
    await send(first);
    const replayed = await sealer.peek({ rows, change: { id: first.signed.body.id } });
    await expect(send(replayed)).rejects.toMatchObject({ code: 'QZ_PLATFORM_BATCH_CONFLICT' });
    const moved = { ...first, path: { ...first.path, seq: 2 } };
    await expect(send(moved)).rejects.toMatchObject({ code: 'QZ_PLATFORM_BATCH_PATH' });
    const other = await sealer.peek({ rows: [['U', 'c1', '他', null]], change: { seq: 1, previous: null } });
    await expect(send(other)).rejects.toMatchObject({ code: 'QZ_PLATFORM_BATCH_CONFLICT' });
    expect(stored()).toEqual([{ seq: 1 }]);
    await expectEvidence(site);
  });
});

it('a request sent again byte for byte is refused, and so is one for another platform', async () => {
  const lease = agentRoutes.lease;
  const target = targetOf(lease, {}, {});
  const outgoing = {
    method: lease.method,
    target,
    contentType: 'application/json',
    body: new Uint8Array(),
    bodyDigest: undefined,
  };
  const signedFor = async (audience: string) => ({
    ...signRequest(outgoing, key, audience, new Date()).headers,
    [FENCE_HEADER]: String(fence),
    'content-type': 'application/json',
  });
  const post = async (headers: Record<string, string>) => {
    const answer = await fetch(`${site.url}${API_ROOT}${target}`, { method: lease.method, headers });
    return { status: answer.status, code: ((await answer.json()) as { code?: string }).code };
  };
  const headers = await signedFor('site');
  expect(await post(headers)).toMatchObject({ status: 200 });
  expect(await post(headers)).toMatchObject({ code: 'QZ_PLATFORM_REQUEST_REPLAYED' });
  expect(await post(await signedFor('elsewhere'))).toMatchObject({ status: 401 });
});
