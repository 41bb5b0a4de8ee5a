import { describe, expect, it } from 'vitest';
import { testFolders } from './testing/folder.js';
import { runProgram } from './testing/program.js';

const testFolder = testFolders();

describe('help', () => {
  it.each([
    ['the program', []],
    ['a topic', ['job']],
    ['a command', ['account', 'create']],
    ['a command with a description', ['job', 'run']],
  ])('of %s is in one language', async (_, words) => {
    const cwd = await testFolder();
    const [zh, en, short] = await Promise.all([
      runProgram([...words, '--help'], { cwd }),
      runProgram([...words, '--help'], { cwd, env: { QZ_LANG: 'en' } }),
      runProgram([...words, '-h'], { cwd }),
    ]);
    expect(zh).toMatchObject({ code: 0, err: '' });
    expect(en).toMatchObject({ code: 0, err: '' });
    expect(short.out).toBe(zh.out);
    expect(zh.out).toMatch(/^用法$/m);
    expect(en.out).toMatch(/^USAGE$/m);
    expect(zh.out).not.toMatch(/[^[|] \/ \w/);
    const withoutExamples = en.out.split('EXAMPLES')[0];
    expect(withoutExamples).not.toMatch(/\p{Script=Han}/u);
  });
});
