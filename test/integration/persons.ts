import type { Role } from '@qianzhi/model';
import { expect } from 'vitest';
import { runProgram } from '../../packages/cli/src/testing/program.js';
import { PASSWORD, type TestPlatform, type Town } from '../../packages/platform/src/server/test-platform.js';

export type Accounts = Readonly<Record<string, readonly [department: string, role: Role]>>;

/** Persons who use the program, signed in under names of their own. */
export async function signInPersons<A extends Accounts>(
  platform: TestPlatform,
  town: Town,
  cwd: string,
  accounts: A,
) {
  for (const [profile, [department, role]] of Object.entries(accounts)) {
    await town.person(department, role);
    const words = ['login', '--url', platform.url, '--account', `${department}-${role}`];
    const options = ['--password-file', '-', '--profile', profile];
    expect(await runProgram([...words, ...options], { cwd, input: PASSWORD })).toMatchObject({ code: 0 });
  }
  const run = (words: string, as: keyof A & string) =>
    runProgram([...words.split(' '), '--profile', as], { cwd });
  return {
    run,
    /** What it printed; it must have ended well. */
    async done(words: string, as: keyof A & string): Promise<string> {
      const { out, err, code } = await run(words, as);
      expect(code, err).toBe(0);
      return out;
    },
  };
}
