import type { Account, Payload, personRoutes } from '@qianzhi/model';
import type { Knex } from 'knex';
import type { Departments } from '../department/departments.js';
import type { Caller, PersonCaller } from '../server/caller.js';
import { hasRole } from '../server/caller.js';
import type { PlatformContext } from '../server/context.js';
import {
  findAccount,
  insertAccount,
  listAccounts,
  publicAccount,
  type StoredAccount,
  updateAccount,
} from './account-store.js';
import { identityErrors } from './errors.js';
import { hashPassword } from './passwords/passwords.js';
import { checkRoles } from './roles.js';
import { equalDigests, newSecret, secretDigest } from './secrets.js';
import type { SecondFactor } from './totp/second-factor.js';

type Setup = Payload<(typeof personRoutes.setup)['body']>;
type NewAccount = Payload<(typeof personRoutes.createAccount)['body']>;
type AccountChange = Payload<(typeof personRoutes.changeAccount)['body']>;

export interface Accounts {
  /** A new one-time code while there is no account, voiding the one before; undefined afterwards. */
  firstStartCode(): Promise<string | undefined>;
  exist(): Promise<boolean>;
  /** Makes the security officer. Throws QZ_PLATFORM_SETUP_DONE or _SETUP_CODE_WRONG. */
  setup(input: Setup): Promise<Account>;
  list(caller: PersonCaller): Promise<readonly Account[]>;
  create(caller: PersonCaller, input: NewAccount): Promise<Account>;
  /** Ends the account's sessions, whatever was changed. */
  change(caller: PersonCaller, account: string, change: AccountChange): Promise<Account>;
}

export function createAccounts(
  context: PlatformContext,
  departments: Departments,
  secondFactor: SecondFactor,
): Accounts {
  const { db, audit, now } = context;

  const exist = async (from: Knex = db) => (await from('accounts').first('account')) !== undefined;

  async function add(trx: Knex.Transaction, actor: Caller, account: StoredAccount): Promise<void> {
    if (await findAccount(trx, account.account)) {
      throw identityErrors.ACCOUNT_EXISTS({ account: account.account });
    }
    await insertAccount(trx, account, now().toISOString());
    await recordAccount(trx, actor, 'account.create', account);
  }

  const recordAccount = (trx: Knex.Transaction, actor: Caller, action: string, account: Account) =>
    audit.record(
      {
        actor,
        action,
        object: account.account,
        outcome: 'done',
        details: {
          roles: account.roles.join(','),
          department: account.department,
          disabled: account.disabled,
        },
      },
      trx,
    );

  return {
    exist: () => exist(),

    async firstStartCode() {
      if (await exist()) return undefined;
      const code = newSecret();
      const row = { id: 1, code_digest: secretDigest(code) };
      await db('first_start').insert(row).onConflict('id').merge();
      return code;
    },

    async setup({ code, account, name, password }) {
      const stored = await hashPassword(password);
      return db.transaction(async (trx) => {
        if (await exist(trx)) throw identityErrors.SETUP_DONE();
        const row: { code_digest: string } | undefined = await trx('first_start').where({ id: 1 }).first();
        if (!row || !equalDigests(row.code_digest, secretDigest(code)))
          throw identityErrors.SETUP_CODE_WRONG();
        // Two callers with the code: only one deletes the row.
        if ((await trx('first_start').where({ id: 1 }).delete()) !== 1) throw identityErrors.SETUP_DONE();
        const officer: StoredAccount = {
          account,
          name,
          department: null,
          roles: ['security-officer'],
          disabled: false,
          password: stored,
        };
        await add(trx, { kind: 'public' }, officer);
        return publicAccount(officer);
      });
    },

    list: (caller) =>
      listAccounts(db, hasRole(caller, 'security-officer', 'auditor') ? undefined : caller.department),

    async create(caller, { account, name, department, roles, password }) {
      checkRoles(account, department, roles);
      if (department !== null) await departments.require(department);
      const made = {
        account,
        name,
        department,
        roles,
        disabled: false,
        password: await hashPassword(password),
      };
      await db.transaction((trx) => add(trx, caller, made));
      return publicAccount(made);
    },

    async change(caller, account, change) {
      const password = change.password === undefined ? undefined : await hashPassword(change.password);
      return db.transaction(async (trx) => {
        const before = await findAccount(trx, account);
        if (!before) throw identityErrors.ACCOUNT_UNKNOWN({ account });
        const roles = change.roles ?? before.roles;
        // an account from before two roles were set apart may still be disabled
        if (change.roles) checkRoles(account, before.department, roles);
        const after: StoredAccount = {
          ...before,
          roles,
          disabled: change.disabled ?? before.disabled,
          password: password ?? before.password,
        };
        await updateAccount(trx, after);
        if (isOfficer(before) && !(await listAccounts(trx)).some(isOfficer)) {
          throw identityErrors.LAST_OFFICER({ account });
        }
        await trx('sessions').where({ account }).delete();
        if (password !== undefined) await trx('sign_in_failures').where({ account }).delete();
        if (change.resetTotp) await secondFactor.reset(trx, account);
        await recordAccount(trx, caller, change.resetTotp ? 'totp.reset' : 'account.change', after);
        return publicAccount(after);
      });
    },
  };
}

function isOfficer(account: Account): boolean {
  return !account.disabled && account.roles.includes('security-officer');
}
