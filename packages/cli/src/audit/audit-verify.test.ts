import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AuditHead, AuditRecord, KeyRecord } from '@qianzhi/model';
import { auditDigest, intlSuite, keyIdOf, signDocument } from '@qianzhi/model/crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { testFolders } from '../testing/folder.js';
import { runProgram } from '../testing/program.js';

const testFolder = testFolders();

const at = '2026-06-01T00:00:00.000Z';
const { publicKey, privateKey } = intlSuite.generateKeyPair();
const keyId = keyIdOf(publicKey);
const key: KeyRecord = { keyId, owner: 'platform', suite: 'intl', publicKey, validFrom: at };
const header = { type: 'audit-export', version: 1, owner: 'platform', log: 'audit' };

const chain: AuditRecord[] = [];
for (let seq = 1; seq <= 6; seq += 1) {
  const previous = chain.at(-1)?.digest ?? null;
  const what = { actor: 'person:officer', action: 'department.put', object: `d${seq}` };
  const entry = { seq, at, ...what, outcome: 'done' as const, details: '{}', previous };
  chain.push({ ...entry, digest: auditDigest(entry) });
}
const { seq, digest } = chain[5]!;
const body = {
  type: 'audit-head',
  version: 1,
  owner: 'platform',
  log: 'audit',
  seq,
  digest,
  issuedAt: at,
} as const;
const heads = [signDocument<AuditHead>(body, { keyId, suite: intlSuite, privateKey })];

let cwd: string;
beforeAll(async () => {
  cwd = await testFolder();
  await writeFile(join(cwd, 'heads.json'), JSON.stringify({ heads }));
  await writeFile(join(cwd, 'keys.json'), JSON.stringify({ keys: [key] }));
});

async function verify(...files: (readonly object[])[]) {
  const names = files.map((_, index) => `part-${index}.jsonl`);
  for (const [index, lines] of files.entries()) {
    const text = [header, ...lines].map((line) => `${JSON.stringify(line)}\n`).join('');
    await writeFile(join(cwd, names[index]!), text);
  }
  const named = names.flatMap((name) => ['--file', name]);
  const args = ['audit', 'verify', ...named, '--heads', 'heads.json', '--keys', 'keys.json', '--json'];
  const { code, out } = await runProgram(args, { cwd });
  return { code, answer: JSON.parse(out) };
}

describe('R113 audit verify, from files alone', () => {
  it('says that a chain holds, in one file or in an archive and an export that overlap', async () => {
    const holds = { ok: true, entries: 6, from: 1, to: 6, heads: 1, owner: 'platform', log: 'audit' };
    expect(await verify(chain)).toMatchObject({ code: 0, answer: holds });
    expect(await verify(chain.slice(0, 4), chain.slice(2))).toMatchObject({ code: 0, answer: holds });
  });

  it('says that without heads a chain written anew as a whole is not noticed', async () => {
    await verify(chain);
    const { code, out } = await runProgram(['audit', 'verify', '--file', 'part-0.jsonl'], { cwd });
    expect(code).toBe(0);
    expect(out).toContain('没有链头可比');
  });

  it('names what is wrong, and ends with code 9', async () => {
    const changed = chain.map((entry) => (entry.seq === 3 ? { ...entry, actor: 'person:other' } : entry));
    expect(await verify(changed)).toMatchObject({
      code: 9,
      answer: { ok: false, problems: [{ code: 'changed', seq: 3 }] },
    });
    expect(await verify(chain.slice(0, 4))).toMatchObject({
      code: 9,
      answer: { problems: [{ code: 'cut-off', seq: 5, to: 6 }] },
    });
  });

  it('says in which line of which file something is no entry, and takes no two chains for one', async () => {
    const more = [...chain.slice(0, 2), { ...chain[2]!, note: 'x' }];
    expect(await verify(more)).toMatchObject({
      code: 2,
      answer: { error: { code: 'QZ_CLI_FILE_WRONG', details: { file: 'part-0.jsonl', line: 4 } } },
    });
    await verify(chain);
    const other = JSON.stringify({ ...header, owner: 'mz-1', log: 'queries' });
    await writeFile(join(cwd, 'other.jsonl'), `${other}\n`);
    const args = ['audit', 'verify', '--file', 'part-0.jsonl', '--file', 'other.jsonl'];
    const { code, err } = await runProgram(args, { cwd });
    expect(code).toBe(2);
    expect(err).toContain('other.jsonl');
  });
});
