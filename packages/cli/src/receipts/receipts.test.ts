import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type KeyRecord, noCounts, type Receipt, type Signed } from '@qianzhi/model';
import { checkReceipts, documentDigest, intlSuite, keyIdOf, signDocument } from '@qianzhi/model/crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { testFolders } from '../testing/folder.js';
import { runProgram } from '../testing/program.js';
import { inOrder } from './in-order.js';

const testFolder = testFolders();

const pair = intlSuite.generateKeyPair();
const key: KeyRecord = {
  keyId: keyIdOf(pair.publicKey),
  owner: 'platform',
  suite: 'intl',
  publicKey: pair.publicKey,
  validFrom: '2026-01-01T00:00:00.000Z',
};
const signingKey = { keyId: key.keyId, suite: intlSuite, privateKey: pair.privateKey };

/** A chain of `count` receipts of one issuer over one stream, all issued in the same millisecond. */
function chain(count: number, resource = 'r'): Signed<Receipt>[] {
  const receipts: Signed<Receipt>[] = [];
  for (let seq = 1; seq <= count; seq++) {
    const last = receipts.at(-1);
    const body: Receipt = {
      type: 'receipt',
      version: 1,
      id: `${resource}-${seq}`,
      stage: 'stored',
      subject: { stream: { resource, agent: 'mz-agent', epoch: 1 } },
      issuer: 'platform',
      seqFrom: seq,
      seqTo: seq,
      rowsDigests: [`sha-256:${'0'.repeat(43)}`],
      rows: 1,
      counts: noCounts,
      previous: last ? documentDigest(last, intlSuite) : null,
      issuedAt: '2026-06-01T00:00:00.000Z',
    };
    receipts.push(signDocument(body, signingKey));
  }
  return receipts;
}

describe('receipts in any order', () => {
  it('are put in the order of their links', () => {
    const mixed = [...chain(4, 'a').reverse(), ...chain(3, 'b').reverse()];
    expect(checkReceipts(mixed, [key]).problems).not.toEqual([]);
    const ordered = inOrder(mixed, [key]);
    expect(ordered.map(({ body }) => body.id)).toEqual(['a-1', 'a-2', 'a-3', 'a-4', 'b-1', 'b-2', 'b-3']);
    expect(checkReceipts(ordered, [key])).toEqual({ verified: 7, problems: [] });
  });

  it('keep what no link leads to, for checking to find', () => {
    const [first, , third] = chain(3);
    expect(inOrder([third!, first!], [key]).map(({ body }) => body.id)).toEqual(['r-1', 'r-3']);
  });
});

describe('receipt verify offline', () => {
  let cwd = '';
  beforeAll(async () => {
    cwd = await testFolder();
    await writeFile(join(cwd, 'keys.json'), JSON.stringify({ keys: [key] }));
  });

  const verify = async (receipts: unknown) => {
    await writeFile(join(cwd, 'receipts.json'), JSON.stringify({ receipts }));
    const { code, out } = await runProgram(
      ['receipt', 'verify', '--file', 'receipts.json', '--keys', 'keys.json', '--json'],
      { cwd },
    );
    return { code, answer: JSON.parse(out) as { ok: boolean; problems: { code: string }[] } };
  };

  it('exits 0 when all hold', async () => {
    expect(await verify(chain(3))).toMatchObject({ code: 0, answer: { ok: true, verified: 3 } });
  });

  describe('of a chain whose beginning was moved into an archive', () => {
    const whole = chain(5);
    const kept = whole.slice(2);
    const begin = {
      subject: 'stream r/mz-agent/1',
      issuer: 'platform',
      previous: documentDigest(whole[1]!, intlSuite),
      seqTo: 2,
      file: 'evidence-2026-07-01.jsonl',
    };
    const run = async (list: object, ...archives: string[]) => {
      await writeFile(join(cwd, 'list.json'), JSON.stringify(list));
      const files = ['list.json', ...archives].flatMap((file) => ['--file', file]);
      const { code, out } = await runProgram(
        ['receipt', 'verify', ...files, '--keys', 'keys.json', '--json'],
        {
          cwd,
        },
      );
      return { code, answer: JSON.parse(out) };
    };
    const archive = async (receipts: readonly Signed<Receipt>[]) => {
      const header = {
        type: 'evidence-archive',
        version: 1,
        owner: 'platform',
        before: '2026-07-01T00:00:00.000Z',
      };
      const lines = [header, ...receipts.map((receipt) => ({ receipt })), { manifest: {} }];
      await writeFile(join(cwd, begin.file), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
      return begin.file;
    };

    it('checks what is left from there on, and says where the rest is', async () => {
      expect(await run({ receipts: kept, begins: [begin] })).toMatchObject({
        code: 0,
        answer: { ok: true, verified: 3, archived: [{ file: begin.file, seqTo: 2 }] },
      });
    });

    it('checks it whole with the archive, in any order of the files', async () => {
      const file = await archive(whole.slice(0, 2));
      expect(await run({ receipts: kept, begins: [begin] }, file)).toMatchObject({
        code: 0,
        answer: { ok: true, verified: 5, archived: [] },
      });
    });

    it('finds those of queries and downloads with the operation that they are of', async () => {
      const lines = [
        { type: 'evidence-archive' },
        ...whole.slice(0, 2).map((receipt) => ({ operation: { receipt } })),
      ];
      await writeFile(join(cwd, begin.file), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
      expect(await run({ receipts: kept, begins: [begin] }, begin.file)).toMatchObject({
        code: 0,
        answer: { ok: true, verified: 5, archived: [] },
      });
    });

    it.each([
      ['another beginning', { receipts: kept.slice(1), begins: [begin] }, []],
      ['no word of the archive', { receipts: kept }, []],
      ['a receipt missing in the archive', { receipts: kept, begins: [begin] }, whole.slice(0, 1)],
    ])('names %s', async (_, list, archived) => {
      const files = archived.length > 0 ? [await archive(archived)] : [];
      const { code, answer } = await run(list, ...files);
      expect(code).toBe(9);
      expect(answer.problems.map((found: { code: string }) => found.code)).toContain('chain-broken');
    });

    it('names the line of an archive that is damaged', async () => {
      const file = await archive(whole.slice(0, 2));
      await writeFile(join(cwd, file), `{"type":"evidence-archive"}\n{"receipt":{"body"`);
      expect(await run({ receipts: kept, begins: [begin] }, file)).toMatchObject({
        code: 2,
        answer: { error: { code: 'QZ_CLI_FILE_WRONG', message: expect.stringContaining('2') } },
      });
    });
  });

  it.each([
    [
      'a changed count',
      (all: Signed<Receipt>[]) => ((all[1] as { body: { rows: number } }).body.rows = 99),
      'signature-wrong',
    ],
    ['a missing receipt', (all: Signed<Receipt>[]) => all.splice(1, 1), 'chain-broken'],
  ])('exits 9 and names %s', async (_, damage, problem) => {
    const receipts = structuredClone(chain(3)) as Signed<Receipt>[];
    damage(receipts);
    const { code, answer } = await verify(receipts);
    expect(code).toBe(9);
    expect(answer.ok).toBe(false);
    expect(answer.problems.map((found) => found.code)).toContain(problem);
  });

  it('names what is wrong with a file that holds no receipts', async () => {
    expect(await verify([{ body: {} }])).toMatchObject({
      code: 2,
      answer: { error: { code: 'QZ_CLI_FILE_WRONG' } },
    });
  });
});
