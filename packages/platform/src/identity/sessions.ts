import { type Account, type Payload, personRoutes, type Route } from '@qianzhi/model';
import type { FastifyRequest } from 'fastify';
import { platformErrors } from '../errors.js';
import type { PersonCaller } from '../server/caller.js';
import type { PlatformContext } from '../server/context.js';
import { routeName } from '../server/problems.js';
import { accountOf, findAccount, publicAccount } from './account-store.js';
import { identityErrors } from './errors.js';
import { passwordFits } from './passwords/passwords.js';
import { newSecret, secretDigest } from './secrets.js';
import type { SecondFactor } from './totp/second-factor.js';

export const SESSION_HOURS = 12;
export const IDLE_MINUTES = 60;
/** How exactly the last use is written down. */
const TOUCH_SECONDS = 60;
const FREE_FAILURES = 5;
const FIRST_PAUSE_SECONDS = 30;
const LONGEST_PAUSE_SECONDS = 15 * 60;

type SignIn = Payload<(typeof personRoutes.signIn)['body']>;

export interface Sessions {
  /**
   * `enrolTotp`: config wants a code of this person and there is none yet: the session is good for that alone. Throws
   * QZ_PLATFORM_SIGN_IN_WRONG, _SIGN_IN_THROTTLED, _ACCOUNT_DISABLED, _TOTP_CODE_REQUIRED or _TOTP_CODE_WRONG.
   */
  signIn(input: SignIn): Promise<{ token: string; expiresAt: string; account: Account; enrolTotp: boolean }>;
  /** Who is signed in. Throws QZ_PLATFORM_SESSION_REQUIRED, _SESSION_ENDED or _TOTP_ENROL_FIRST. */
  authenticate(request: FastifyRequest): Promise<PersonCaller>;
  signOut(request: { headers: { authorization?: string | undefined } }): Promise<void>;
  /** Those begun without a code are over once there is one. */
  endOthers(account: string, request: { headers: { authorization?: string | undefined } }): Promise<void>;
  /** Forgets what has run out. */
  prune(): Promise<void>;
}

/** What a person may call who has to enrol first. */
const beforeEnrolling: ReadonlySet<Route | undefined> = new Set<Route>([
  personRoutes.whoAmI,
  personRoutes.signOut,
  personRoutes.beginTotp,
  personRoutes.confirmTotp,
]);

const attempt = { actor: { kind: 'public' }, action: 'session.open' } as const;

export function createSessions({ db, audit, now }: PlatformContext, secondFactor: SecondFactor): Sessions {
  const secondsAgo = (seconds: number) => new Date(now().getTime() - seconds * 1000).toISOString();

  /** Counts the attempt before the password is looked at, so that attempts made at once are counted too. */
  async function countAttempt(account: string): Promise<void> {
    await db.transaction(async (trx) => {
      const row: { failures: number; last_at: string } | undefined = await trx('sign_in_failures')
        .where({ account })
        .first();
      const failures = row?.failures ?? 0;
      const waited = row ? (now().getTime() - Date.parse(row.last_at)) / 1000 : 0;
      const seconds = Math.ceil(pauseAfter(failures) - waited);
      if (seconds > 0) throw identityErrors.SIGN_IN_THROTTLED({ account, seconds });
      const next = { account, failures: failures + 1, last_at: now().toISOString() };
      await trx('sign_in_failures').insert(next).onConflict('account').merge();
    });
  }

  /** After the password was found right. Every code tried was counted as an attempt before. */
  async function requireCode(account: string, code: string | undefined): Promise<void> {
    if (code === undefined) throw identityErrors.TOTP_CODE_REQUIRED({ account });
    if (await secondFactor.take(account, code)) return;
    const details = { code: 'totp' };
    await audit.record({ ...attempt, object: account, outcome: 'denied', details });
    throw identityErrors.TOTP_CODE_WRONG({ account });
  }

  return {
    async signIn({ account, password, code }) {
      const name = account.slice(0, 50);
      await countAttempt(name);
      const found = await findAccount(db, account);
      if (!(await passwordFits(found?.password, password)) || !found) {
        // Names that are no account go nowhere, so that nobody can fill the chain with them.
        if (found) await audit.record({ ...attempt, object: account, outcome: 'denied' });
        throw identityErrors.SIGN_IN_WRONG({ account });
      }
      if (found.disabled) {
        await audit.record({ ...attempt, object: account, outcome: 'denied', details: { code: 'disabled' } });
        throw identityErrors.ACCOUNT_DISABLED({ account });
      }
      const enrolled = await secondFactor.enrolled(account);
      if (enrolled) await requireCode(account, code);
      const token = newSecret();
      const at = now();
      const expiresAt = new Date(at.getTime() + SESSION_HOURS * 3_600_000).toISOString();
      await db.transaction(async (trx) => {
        await trx('sign_in_failures').where({ account }).delete();
        const session = { token_digest: secretDigest(token), account, expires_at: expiresAt };
        await trx('sessions').insert({ ...session, used_at: at.toISOString() });
        const actor: PersonCaller = {
          kind: 'person',
          account,
          department: found.department,
          roles: found.roles,
        };
        await audit.record({ actor, action: 'session.open', object: account, outcome: 'done' }, trx);
      });
      const enrolTotp = !enrolled && secondFactor.wantedOf(found.roles);
      return { token, expiresAt, account: publicAccount(found), enrolTotp };
    },

    async authenticate(request) {
      const token = bearer(request.headers.authorization);
      if (token === undefined) throw platformErrors.SESSION_REQUIRED({ route: routeName(request) });
      const digest = secretDigest(token);
      const row = await db('sessions')
        .join('accounts', 'accounts.account', 'sessions.account')
        .where({ token_digest: digest })
        .first('accounts.*', 'sessions.expires_at', 'sessions.used_at');
      const idle = secondsAgo(IDLE_MINUTES * 60);
      if (!row || row.disabled || row.expires_at <= now().toISOString() || row.used_at <= idle) {
        throw platformErrors.SESSION_ENDED();
      }
      if (row.used_at <= secondsAgo(TOUCH_SECONDS)) {
        await db('sessions').where({ token_digest: digest }).update({ used_at: now().toISOString() });
      }
      const { account, department, roles } = accountOf(row);
      if (
        secondFactor.wantedOf(roles) &&
        !beforeEnrolling.has(request.routeOptions.config.route) &&
        !(await secondFactor.enrolled(account))
      )
        throw identityErrors.TOTP_ENROL_FIRST({ account });
      return { kind: 'person', account, department, roles };
    },

    async signOut({ headers }) {
      const token = bearer(headers.authorization);
      if (token !== undefined)
        await db('sessions')
          .where({ token_digest: secretDigest(token) })
          .delete();
    },

    async endOthers(account, { headers }) {
      const own = secretDigest(bearer(headers.authorization) ?? '');
      await db('sessions').where({ account }).whereNot({ token_digest: own }).delete();
    },

    async prune() {
      await db('sessions')
        .where('expires_at', '<=', now().toISOString())
        .orWhere('used_at', '<=', secondsAgo(IDLE_MINUTES * 60))
        .delete();
      await db('sign_in_failures').where('last_at', '<=', secondsAgo(86_400)).delete();
    },
  };
}

function pauseAfter(failures: number): number {
  if (failures < FREE_FAILURES) return 0;
  return Math.min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2 ** (failures - FREE_FAILURES));
}

function bearer(header: string | undefined): string | undefined {
  return /^Bearer ([A-Za-z0-9_-]{20,200})$/.exec(header ?? '')?.[1];
}
