import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { testFolders } from './testing/folder.js';
import { runProgram } from './testing/program.js';

const testFolder = testFolders();

const root = fileURLToPath(new URL('..', import.meta.url));

interface ManifestCommand {
  readonly id: string;
  readonly summary?: string;
  readonly examples?: readonly string[];
  readonly flags: Readonly<Record<string, { readonly summary?: string; readonly allowNo?: boolean }>>;
  readonly args: Readonly<Record<string, { readonly description?: string; readonly required?: boolean }>>;
  readonly enableJsonFlag?: boolean;
}

let commands: readonly ManifestCommand[] = [];
let cwd = '';

beforeAll(async () => {
  cwd = await testFolder();
  execFileSync(process.execPath, [`${root}/scripts/write-manifest.js`]);
  const manifest = JSON.parse(readFileSync(`${root}/oclif.manifest.json`, 'utf8')) as {
    commands: Record<string, ManifestCommand>;
  };
  commands = Object.values(manifest.commands);
});

const bilingual = (text: string | undefined) => /\p{Script=Han}.*\/ ?.*[a-z]/su.test(text ?? '');

describe('every command', () => {
  it('is there', () => {
    expect(commands.map(({ id }) => id.replaceAll(':', ' '))).toEqual(
      expect.arrayContaining([
        ...[
          'platform start',
          'platform setup',
          'login',
          'init',
          'enroll',
          'doctor',
          'demo',
          'config validate',
        ],
        ...['agent start', 'agent status', 'agent sync', 'agent recover', 'agreement show'],
        ...['list', 'run', 'status', 'retry', 'cancel', 'pause', 'resume', 'log'].map(
          (name) => `job ${name}`,
        ),
        ...['list', 'show', 'accept-schema', 'resume', 'resnapshot'].map((name) => `stream ${name}`),
        ...['list', 'export', 'retry'].map((name) => `quarantine ${name}`),
        ...['list', 'verify'].map((name) => `receipt ${name}`),
        ...['check', 'discover', 'preview'].map((name) => `connector ${name}`),
      ]),
    );
  });

  it('has a summary in Chinese and English, and so have its flags and arguments', () => {
    const bare = commands.flatMap(({ id, summary, flags, args }) => [
      ...(bilingual(summary) ? [] : [id]),
      ...Object.entries(flags)
        .filter(([name, flag]) => name !== 'json' && !bilingual(flag.summary))
        .map(([name]) => `${id} --${name}`),
      ...Object.entries(args)
        .filter(([, arg]) => !bilingual(arg.description))
        .map(([name]) => `${id} ${name}`),
    ]);
    expect(bare).toEqual([]);
  });

  it('has examples that name itself and flags it has, and takes --json', () => {
    const wrong = commands.flatMap(({ id, examples = [], flags, enableJsonFlag }) => {
      const words = `<%= config.bin %> ${id.replaceAll(':', ' ')}`;
      const used = examples.flatMap((example) =>
        [...example.matchAll(/--([a-z][a-z-]*)/g)].map((match) => match[1]!),
      );
      return [
        ...(examples.length > 0 && examples.every((example) => example.includes(words))
          ? []
          : [`${id}: examples`]),
        ...used.filter((flag) => !knows(flags, flag)).map((flag) => `${id}: --${flag}`),
        ...(enableJsonFlag ? [] : [`${id}: --json`]),
      ];
    });
    expect(wrong).toEqual([]);
  });

  it('shows its help with usage and examples', async () => {
    const { code, out } = await runProgram(['job', 'run', '--help'], { cwd });
    expect(code).toBe(0);
    expect(out).toContain('qianzhi job run EXCHANGE');
    expect(out).toContain('qianzhi job run supply-village --wait');
    expect(out).toContain('--json');
  });
});

/** A flag, or the negation of one that has it. */
const knows = (flags: ManifestCommand['flags'], name: string) =>
  name in flags || flags[name.replace(/^no-/, '')]?.allowNo === true;

it('the README lists every command', () => {
  const readme = readFileSync(`${root}/README.md`, 'utf8');
  const missing = commands.filter(
    ({ id, summary }) => !readme.includes(`\`${id.replaceAll(':', ' ')}`) || !readme.includes(summary!),
  );
  expect(missing.map(({ id }) => id)).toEqual([]);
});
