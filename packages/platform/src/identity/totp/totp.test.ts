import { personRoutes } from '@qianzhi/model';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allText } from '../../database/test-database.js';
import {
  PASSWORD,
  settle,
  startTestPlatform,
  type TestPlatform,
  type Town,
} from '../../server/test-platform.js';
import { createSeal } from './seal.js';
import { base32, stepAt, stepOf, totpCode } from './totp.js';

/** The secret and codes of RFC 6238, appendix B, SHA-1; of its eight digits the last six. */
const rfcSecret = Buffer.from('12345678901234567890');
const STEP = 30_000;

describe('RFC 6238', () => {
  it.each([
    [59, '287082'],
    [1_111_111_109, '081804'],
    [1_111_111_111, '050471'],
    [1_234_567_890, '005924'],
    [2_000_000_000, '279037'],
    [20_000_000_000, '353130'],
  ])('at %i s the code is %s', (seconds, code) => {
    const at = new Date(seconds * 1000);
    expect(totpCode(rfcSecret, stepAt(at))).toBe(code);
    expect(stepOf(rfcSecret, code, at)).toBe(stepAt(at));
    expect(stepOf(rfcSecret, code, new Date(at.getTime() + STEP))).toBe(stepAt(at));
    expect(stepOf(rfcSecret, code, new Date(at.getTime() + 2 * STEP))).toBeUndefined();
  });

  it('writes base32 as RFC 4648 does, without padding', () => {
    expect(base32(Buffer.from('foobar'))).toBe('MZXW6YTBOI');
    expect(base32(Buffer.from('fooba'))).toBe('MZXW6YTB');
  });

  it('opens a sealed secret for its own account alone', () => {
    const seal = createSeal(rfcSecret.toString('base64url'));
    const sealed = seal.close('wang', rfcSecret);
    expect(seal.open('wang', sealed)).toEqual(rfcSecret);
    expect(() => seal.open('zhao', sealed)).toThrow();
    expect(() => createSeal('b3RoZXI').open('wang', sealed)).toThrow();
  });
});

describe('signing in with a one-time code', () => {
  let platform: TestPlatform;
  let town: Town;
  let secret = '';
  let recovery: string[] = [];
  beforeAll(async () => {
    platform = await startTestPlatform({ totpRoles: ['approver'] });
    town = await settle(platform);
    for (const [account, role] of [
      ['zhao', 'approver'],
      ['wang', 'consumer'],
    ] as const) {
      const body = { account, name: account, department: 'mz', roles: [role], password: PASSWORD };
      await town.officer.call(personRoutes.createAccount, { body });
    }
  });
  afterAll(() => platform.remove());

  const enter = (account: string, code?: string) =>
    platform.anonymous().call(personRoutes.signIn, {
      body: { account, password: PASSWORD, ...(code !== undefined && { code }) },
    });
  const codeNow = (steps = 0) => totpCode(bytesOf(secret), stepAt(platform.now()) + steps);

  it('is for config to demand by role: until it is set up, the session is good for nothing else', async () => {
    expect((await enter('wang')).enrolTotp).toBe(false);
    const { token, enrolTotp } = await enter('zhao');
    expect(enrolTotp).toBe(true);
    const zhao = platform.withToken(token);
    const second = platform.withToken((await enter('zhao')).token);
    await expect(zhao.call(personRoutes.listDepartments, {})).rejects.toMatchObject({
      code: 'QZ_PLATFORM_TOTP_ENROL_FIRST',
    });
    await expect(zhao.call(personRoutes.confirmTotp, { body: { code: '000000' } })).rejects.toMatchObject({
      code: 'QZ_PLATFORM_TOTP_NOT_BEGUN',
    });
    const begun = await zhao.call(personRoutes.beginTotp, {});
    secret = begun.secret;
    expect(begun.uri).toBe(`otpauth://totp/test:zhao?secret=${secret}&issuer=test`);
    const wrong = codeNow(-5);
    await expect(zhao.call(personRoutes.confirmTotp, { body: { code: wrong } })).rejects.toMatchObject({
      code: 'QZ_PLATFORM_TOTP_CODE_WRONG',
    });
    recovery = (await zhao.call(personRoutes.confirmTotp, { body: { code: codeNow() } })).recoveryCodes;
    expect(new Set(recovery).size).toBe(10);
    expect((await zhao.call(personRoutes.listDepartments, {})).departments).toHaveLength(4);
    await expect(second.call(personRoutes.whoAmI, {})).rejects.toMatchObject({
      code: 'QZ_PLATFORM_SESSION_ENDED',
    });
    await expect(zhao.call(personRoutes.beginTotp, {})).rejects.toMatchObject({
      code: 'QZ_PLATFORM_TOTP_ENROLLED',
    });
  });

  it('refuses none, a wrong one, and one that was used before', async () => {
    await expect(enter('zhao')).rejects.toMatchObject({ code: 'QZ_PLATFORM_TOTP_CODE_REQUIRED' });
    platform.advance(3 * STEP);
    const code = codeNow();
    await expect(enter('zhao', codeNow(-5))).rejects.toMatchObject({ code: 'QZ_PLATFORM_TOTP_CODE_WRONG' });
    await expect(enter('zhao', code)).resolves.toMatchObject({ enrolTotp: false });
    await expect(enter('zhao', code)).rejects.toMatchObject({ code: 'QZ_PLATFORM_TOTP_CODE_WRONG' });
    platform.advance(3 * STEP);
    const next = codeNow();
    const both = await Promise.allSettled([enter('zhao', next), enter('zhao', next)]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  it('takes each recovery code once, however it is typed', async () => {
    const typed = recovery[0]!.toLowerCase().replaceAll('-', ' ');
    await expect(enter('zhao', typed)).resolves.toBeDefined();
    await expect(enter('zhao', recovery[0])).rejects.toMatchObject({ code: 'QZ_PLATFORM_TOTP_CODE_WRONG' });
    await expect(enter('zhao', recovery[1])).resolves.toBeDefined();
  });

  it('bounds guessing: the sixth try waits, right or wrong', async () => {
    for (let tries = 0; tries < 5; tries += 1) {
      await expect(enter('zhao', codeNow(-5 - tries))).rejects.toMatchObject({
        code: 'QZ_PLATFORM_TOTP_CODE_WRONG',
      });
    }
    await expect(enter('zhao', codeNow())).rejects.toMatchObject({ code: 'QZ_PLATFORM_SIGN_IN_THROTTLED' });
    platform.advance(31_000 + 3 * STEP);
    await expect(enter('zhao', codeNow())).resolves.toBeDefined();
  });

  it('keeps neither secret nor recovery code as they are', async () => {
    const text = (await allText(platform.dataDir)) + platform.log.join('');
    for (const kept of [secret, ...recovery, ...recovery.map((code) => code.replaceAll('-', ''))]) {
      expect(text).not.toContain(kept);
    }
    expect(text).not.toContain(Buffer.from(bytesOf(secret)).toString('base64url'));
  });

  it('is reset by the security officer, and has to be set up again', async () => {
    const params = { account: 'zhao' };
    await town.officer.call(personRoutes.changeAccount, { params, body: { resetTotp: true } });
    expect((await enter('zhao')).enrolTotp).toBe(true);
    await expect(enter('zhao', recovery[2])).resolves.toMatchObject({ enrolTotp: true });
  });
});

function bytesOf(text: string): Buffer {
  const bits = [...text].map((one) =>
    'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(one).toString(2).padStart(5, '0'),
  );
  return Buffer.from((bits.join('').match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}
