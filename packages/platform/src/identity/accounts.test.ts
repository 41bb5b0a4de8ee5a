import { personRoutes } from '@qianzhi/model';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  PASSWORD,
  settle,
  signIn,
  startTestPlatform,
  type TestPlatform,
  type Town,
} from '../server/test-platform.js';

describe('first start', () => {
  it('makes the security officer with the printed code, once', async () => {
    const platform = await startTestPlatform();
    const anonymous = platform.anonymous();
    const body = { code: 'wrong', account: 'officer', name: '保密员', password: PASSWORD };
    expect((await anonymous.call(personRoutes.platformInfo, {})).ready).toBe(false);
    await expect(anonymous.call(personRoutes.setup, { body })).rejects.toMatchObject({
      code: 'QZ_PLATFORM_SETUP_CODE_WRONG',
    });
    const right = { ...body, code: platform.firstStartCode! };
    const both = await Promise.allSettled([
      anonymous.call(personRoutes.setup, { body: right }),
      anonymous.call(personRoutes.setup, { body: { ...right, account: 'other' } }),
    ]);
    expect(both.map((one) => one.status).sort()).toEqual(['fulfilled', 'rejected']);
    await expect(
      anonymous.call(personRoutes.setup, { body: { ...right, account: 'third' } }),
    ).rejects.toMatchObject({ code: 'QZ_PLATFORM_SETUP_DONE', kind: 'conflict' });
    expect((await anonymous.call(personRoutes.platformInfo, {})).ready).toBe(true);
    await platform.remove();
  });
});

describe('accounts', () => {
  let platform: TestPlatform;
  let town: Town;
  beforeAll(async () => {
    platform = await startTestPlatform();
    town = await settle(platform);
  });
  afterAll(() => platform.remove());

  const make = (account: string, department: string | null, ...roles: string[]) =>
    town.officer.call(personRoutes.createAccount, {
      body: { account, name: account, department, roles: roles as never, password: PASSWORD },
    });

  it.each([
    ['a security officer with data', ['security-officer', 'operator']],
    ['a system administrator with anything', ['system-admin', 'department-admin']],
    ['an approver who applies', ['approver', 'consumer']],
    ['an approver who applies for the department', ['approver', 'department-admin']],
    ['an administrator who operates', ['department-admin', 'operator']],
    ['an auditor who acts', ['auditor', 'operator']],
  ])('R119 refuses %s', async (_, roles) => {
    await expect(make('mixed', 'mz', ...roles)).rejects.toMatchObject({
      code: 'QZ_PLATFORM_ROLES_NOT_COMBINABLE',
      kind: 'denied',
    });
  });

  it('R119 takes each role by itself, and those that go together', async () => {
    await expect(make('editor-operator', 'mz', 'catalog-editor', 'operator')).resolves.toMatchObject({
      roles: ['catalog-editor', 'operator'],
    });
    await expect(make('administrator', null, 'system-admin')).resolves.toMatchObject({ department: null });
  });

  it('refuses a department role without department, and an unknown department', async () => {
    await expect(make('lonely', null, 'consumer')).rejects.toMatchObject({
      code: 'QZ_PLATFORM_ACCOUNT_NEEDS_DEPARTMENT',
    });
    await expect(make('lost', 'nowhere', 'consumer')).rejects.toMatchObject({
      code: 'QZ_PLATFORM_DEPARTMENT_UNKNOWN',
    });
  });

  it('never shows a password hash', async () => {
    const { accounts } = await town.officer.call(personRoutes.listAccounts, {});
    expect(JSON.stringify(accounts)).not.toMatch(/argon2|password/);
  });

  it('ends sessions when the account is changed or signs out', async () => {
    await make('changing', 'mz', 'operator');
    const changing = await signIn(platform, 'changing');
    expect((await changing.call(personRoutes.whoAmI, {})).account).toBe('changing');
    await town.officer.call(personRoutes.changeAccount, {
      params: { account: 'changing' },
      body: { disabled: true },
    });
    await expect(changing.call(personRoutes.whoAmI, {})).rejects.toMatchObject({
      code: 'QZ_PLATFORM_SESSION_ENDED',
    });
    await expect(signIn(platform, 'changing')).rejects.toMatchObject({
      code: 'QZ_PLATFORM_ACCOUNT_DISABLED',
    });
    await town.officer.call(personRoutes.changeAccount, {
      params: { account: 'changing' },
      body: { disabled: false, password: 'another long password' },
    });
    const again = await signIn(platform, 'changing', 'another long password');
    await again.call(personRoutes.signOut, {});
    await expect(again.call(personRoutes.whoAmI, {})).rejects.toMatchObject({ kind: 'auth' });
  });

  it('keeps one security officer who can sign in', async () => {
    await expect(
      town.officer.call(personRoutes.changeAccount, {
        params: { account: 'officer' },
        body: { disabled: true },
      }),
    ).rejects.toMatchObject({ code: 'QZ_PLATFORM_LAST_OFFICER' });
  });

  it('throttles failed sign-ins, also to names that do not exist', async () => {
    await make('guessed', 'mz', 'operator');
    for (const account of ['guessed', 'nobody']) {
      for (let attempt = 0; attempt < 5; attempt += 1) {
        await expect(signIn(platform, account, 'wrong password')).rejects.toMatchObject({
          code: 'QZ_PLATFORM_SIGN_IN_WRONG',
        });
      }
      await expect(signIn(platform, account)).rejects.toMatchObject({
        code: 'QZ_PLATFORM_SIGN_IN_THROTTLED',
        details: { seconds: expect.any(Number) },
      });
    }
    platform.advance(31_000);
    await expect(signIn(platform, 'guessed')).resolves.toBeDefined();
  });

  it('ends a session that is not used, and any after twelve hours', async () => {
    await make('idle', 'mz', 'operator');
    const idle = await signIn(platform, 'idle');
    platform.advance(59 * 60_000);
    await idle.call(personRoutes.whoAmI, {});
    platform.advance(59 * 60_000);
    await idle.call(personRoutes.whoAmI, {});
    platform.advance(61 * 60_000);
    await expect(idle.call(personRoutes.whoAmI, {})).rejects.toMatchObject({
      code: 'QZ_PLATFORM_SESSION_ENDED',
    });
    const busy = await signIn(platform, 'idle');
    for (let hours = 0; hours < 24; hours += 1) {
      platform.advance(30 * 60_000);
      if (hours < 23) await busy.call(personRoutes.whoAmI, {});
    }
    await expect(busy.call(personRoutes.whoAmI, {})).rejects.toMatchObject({
      code: 'QZ_PLATFORM_SESSION_ENDED',
    });
  });

  it('writes no password, token or code into the log', () => {
    const text = platform.log.join('');
    expect(text).toContain('/api/v1/sessions');
    expect(text).not.toContain(PASSWORD);
    expect(text).not.toContain(platform.firstStartCode!);
    expect(text).not.toMatch(/Bearer|another long password/);
  });
});
