import { randomBytes } from 'node:crypto';
import type { Role } from '@qianzhi/model';
import type { Knex } from 'knex';
import type { PersonCaller } from '../../server/caller.js';
import type { PlatformContext } from '../../server/context.js';
import { identityErrors } from '../errors.js';
import { secretDigest } from '../secrets.js';
import { createSeal } from './seal.js';
import { base32, stepOf, totpUri } from './totp.js';

const SECRET_BYTES = 20;
const RECOVERY_CODES = 10;
/** 80 random bits: kept as plain digests like every random secret. */
const RECOVERY_BYTES = 10;

interface TotpRow {
  readonly account: string;
  readonly secret: string;
  readonly confirmed_at: string | null;
  readonly last_step: number;
}

export interface SecondFactor {
  /** Whether the account signs in with a code. */
  enrolled(account: string, from?: Knex): Promise<boolean>;
  /** Whether config wants a code of one of these roles. */
  wantedOf(roles: readonly Role[]): boolean;
  /** A new secret, shown this once; codes are asked for only after `confirm`. Throws QZ_PLATFORM_TOTP_ENROLLED. */
  begin(caller: PersonCaller): Promise<{ secret: string; uri: string }>;
  /** Proves the app by its first code; answers the recovery codes, this once. Throws QZ_PLATFORM_TOTP_NOT_BEGUN, _TOTP_CODE_WRONG. */
  confirm(caller: PersonCaller, code: string): Promise<{ recoveryCodes: string[] }>;
  /** Takes a code or a recovery code, each good once. False for a wrong one and for one that came before. */
  take(account: string, code: string): Promise<boolean>;
  /** The next sign-in goes without a code. */
  reset(trx: Knex.Transaction, account: string): Promise<void>;
}

export function createSecondFactor(context: PlatformContext, wanted: readonly Role[]): SecondFactor {
  const { db, audit, now, audience } = context;
  const seal = createSeal(context.signingKey.privateKey);
  const rowOf = (from: Knex, account: string): Promise<TotpRow | undefined> =>
    from('totp').where({ account }).first();
  const record = (trx: Knex.Transaction, actor: PersonCaller, action: string) =>
    audit.record({ actor, action, object: actor.account, outcome: 'done' }, trx);

  /** The step rises with each code taken: of two requests with one code, one changes the row. */
  async function takeCode(trx: Knex.Transaction, row: TotpRow, code: string): Promise<boolean> {
    const step = stepOf(seal.open(row.account, row.secret), code, now());
    if (step === undefined) return false;
    const { account } = row;
    const taken = await trx('totp')
      .where({ account })
      .andWhere('last_step', '<', step)
      .update({ last_step: step });
    return taken === 1;
  }

  return {
    enrolled: async (account, from = db) => (await rowOf(from, account))?.confirmed_at != null,
    wantedOf: (roles) => roles.some((role) => wanted.includes(role)),

    async begin(caller) {
      const { account } = caller;
      const bytes = randomBytes(SECRET_BYTES);
      const row = { account, secret: seal.close(account, bytes), confirmed_at: null, last_step: 0 };
      await db.transaction(async (trx) => {
        if ((await rowOf(trx, account))?.confirmed_at != null)
          throw identityErrors.TOTP_ENROLLED({ account });
        await trx('totp').insert(row).onConflict('account').merge();
        await record(trx, caller, 'totp.begin');
      });
      const secret = base32(bytes);
      return { secret, uri: totpUri(audience, account, secret) };
    },

    async confirm(caller, code) {
      const { account } = caller;
      const codes = Array.from({ length: RECOVERY_CODES }, newRecoveryCode);
      await db.transaction(async (trx) => {
        const row = await rowOf(trx, account);
        if (!row || row.confirmed_at !== null) throw identityErrors.TOTP_NOT_BEGUN({ account });
        if (!(await takeCode(trx, row, code))) throw identityErrors.TOTP_CODE_WRONG({ account });
        await trx('totp').where({ account }).update({ confirmed_at: now().toISOString() });
        await trx('recovery_codes').insert(codes.map((one) => ({ account, digest: digestOf(one) })));
        await record(trx, caller, 'totp.confirm');
      });
      return { recoveryCodes: codes };
    },

    take: (account, code) =>
      db.transaction(async (trx) => {
        const row = await rowOf(trx, account);
        if (!row) return false;
        if (await takeCode(trx, row, code)) return true;
        return (
          (await trx('recovery_codes')
            .where({ account, digest: digestOf(code) })
            .delete()) === 1
        );
      }),

    async reset(trx, account) {
      await trx('recovery_codes').where({ account }).delete();
      await trx('totp').where({ account }).delete();
    },
  };
}

/** `ABCD-EFGH-IJKL-MNOP`: easily copied from paper. */
function newRecoveryCode(): string {
  return base32(randomBytes(RECOVERY_BYTES)).match(/.{4}/g)!.join('-');
}

/** However it is typed. */
function digestOf(code: string): string {
  return secretDigest(code.toUpperCase().replace(/[^A-Z2-7]/g, ''));
}
