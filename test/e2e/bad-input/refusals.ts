import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { JobInfo } from '@qianzhi/agent/control';
import { expect } from 'vitest';
import type { ProgramOptions } from '../program.js';
import type { Refusal, Rig } from '../rig.js';

/** Planted in configs: it may be seen in no output. */
export const DATABASE_PASSWORD = 'db-Password-5521';
/** Planted in rows: it may be seen nowhere but in the databases and the quarantine's own export. */
export const SECRET_VALUE = 'Row-Value-8843';

export interface Expected {
  readonly code: string;
  readonly exit: number;
  /** What the message must name: what and where. */
  readonly names: readonly (string | RegExp)[];
}

/** The same failure for a person in both languages and for a program. */
export async function fails(
  rig: Rig,
  args: readonly string[],
  { code, exit, names }: Expected,
  options: Partial<ProgramOptions> = {},
): Promise<void> {
  // one after the other: they would meet in one state folder
  const zh = await rig.qz(args, { env: { QZ_LANG: 'zh' }, ...options });
  const en = await rig.qz([...args, '--json'], { env: { QZ_LANG: 'en' }, ...options });
  expect([zh.code, en.code], `${zh.err}${en.err}${en.out}`).toEqual([exit, exit]);
  const { error } = JSON.parse(en.out) as Refusal;
  expect(error).toMatchObject({ code, kind: expect.any(String), details: expect.any(Object) });
  expect(zh.err).toContain(`✗ ${code}`);
  for (const text of [zh.err, `${error.message}\n  → ${error.hint}`]) {
    for (const name of names) expect(text).toMatch(name);
    expect(text, 'a line with what to do').toMatch(/\n {2}→ \S/);
    expect(text, 'no place left open, no stack').not.toMatch(/\{\w+\}|\n\s+at /);
  }
  expect(zh.err).toMatch(/\p{Script=Han}/u);
  expect(error.message + error.hint + en.err).not.toMatch(/\p{Script=Han}/u);
}

/** The same for a failed job of agent mz: `job run --wait` exits by the failure's kind and its JSON is the job. */
export async function jobFails(rig: Rig, exchange: string, { code, exit, names }: Expected): Promise<void> {
  const env = { QZ_CONFIG: 'mz.yaml' };
  const { code: found, answer } = await rig.json<JobInfo>(['job', 'run', exchange, '--wait'], { env });
  expect(found, JSON.stringify(answer)).toBe(exit);
  expect(answer).toMatchObject({
    state: 'failed',
    problem: { code },
    restart: expect.stringMatching(/^qianzhi /),
  });
  for (const [QZ_LANG, script] of [
    ['zh', /\p{Script=Han}/u],
    ['en', /^\P{Script=Han}*$/u],
  ] as const) {
    const shown = await rig.qz(['job', 'status', answer.id], { env: { ...env, QZ_LANG } });
    expect(shown.code).toBe(exit);
    expect(shown.err).toContain(code);
    for (const name of names) expect(shown.err).toMatch(name);
    expect(shown.err).toMatch(script);
    expect(shown.err).not.toMatch(/\{\w+\}/);
  }
}

/** No secret and no planted value in what any process of the rig has shown or logged. */
export async function showsNoSecret(rig: Rig): Promise<void> {
  const shown = [rig.shown(), ...(await logFiles(rig.folder))].join('\n');
  for (const secret of [...rig.secrets, DATABASE_PASSWORD, SECRET_VALUE])
    expect(shown.includes(secret), secret).toBe(false);
}

/** Every file that is text for people: logs, pid files, what commands wrote. */
async function logFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const logs = entries.filter((entry) => entry.isFile() && /\.(log|txt|pid|jsonl)$/.test(entry.name));
  return Promise.all(logs.map((entry) => readFile(join(entry.parentPath, entry.name), 'utf8')));
}
