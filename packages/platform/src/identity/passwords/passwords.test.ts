import { execFileSync } from 'node:child_process';
import { argon2id, hash } from 'argon2';
import { expect, it } from 'vitest';
import { hashPassword, passwordFits } from './passwords.js';

it('tells right from wrong, for hashes made with other parameters too', async () => {
  const stored = await hashPassword('correct horse battery');
  expect(stored).toMatch(/^\$argon2id\$v=19\$m=19456,p=1,t=2\$/);
  const earlier = await hash('correct horse battery', { type: argon2id, memoryCost: 8192, timeCost: 3 });
  for (const known of [stored, earlier]) {
    expect(await passwordFits(known, 'correct horse battery')).toBe(true);
    expect(await passwordFits(known, 'correct horse Battery')).toBe(false);
  }
  expect(await passwordFits(undefined, 'correct horse battery')).toBe(false);
});

it('goes on in another process when the one is killed', async () => {
  const stored = await hashPassword('correct horse battery');
  const checks = Array.from({ length: 4 }, () => passwordFits(stored, 'correct horse battery'));
  const outcomes = Promise.allSettled(checks);
  const children = execFileSync('ps', ['-o', 'pid=,args=', '--ppid', String(process.pid)], {
    encoding: 'utf8',
  });
  const pid = /^ *(\d+).*password-process/m.exec(children)?.[1];
  process.kill(Number(pid), 'SIGKILL');
  const fulfilled = (await outcomes).filter(({ status }) => status === 'fulfilled');
  expect(fulfilled.length).toBeGreaterThanOrEqual(3);
  expect(await passwordFits(stored, 'correct horse battery')).toBe(true);
});

it('takes a bounded number at once', async () => {
  const stored = await hashPassword('correct horse battery');
  const outcomes = await Promise.allSettled(Array.from({ length: 65 }, () => passwordFits(stored, 'wrong')));
  const refused = outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason.code] : []));
  expect(refused).toEqual(Array.from({ length: 5 }, () => 'QZ_PLATFORM_PASSWORDS_BUSY'));
});
