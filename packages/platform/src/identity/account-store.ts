import type { Account, Role } from '@qianzhi/model';
import type { Knex } from 'knex';

interface AccountRow {
  readonly account: string;
  readonly name: string;
  readonly department: string | null;
  readonly roles: string;
  readonly disabled: number;
  readonly password: string;
}

export interface StoredAccount extends Account {
  /** argon2id hash. */
  readonly password: string;
}

export async function findAccount(db: Knex, account: string): Promise<StoredAccount | undefined> {
  const row: AccountRow | undefined = await db('accounts').where({ account }).first();
  return row && { ...accountOf(row), password: row.password };
}

export async function listAccounts(db: Knex, department?: string | null): Promise<readonly Account[]> {
  const rows = db('accounts').orderBy('account');
  return (await (department === undefined ? rows : rows.where({ department }))).map(accountOf);
}

export async function insertAccount(
  trx: Knex.Transaction,
  account: StoredAccount,
  at: string,
): Promise<void> {
  await trx('accounts').insert({
    account: account.account,
    name: account.name,
    department: account.department,
    roles: JSON.stringify(account.roles),
    disabled: Number(account.disabled),
    password: account.password,
    created_at: at,
  });
}

export async function updateAccount(trx: Knex.Transaction, account: StoredAccount): Promise<void> {
  const { roles, disabled, password } = account;
  await trx('accounts')
    .where({ account: account.account })
    .update({ roles: JSON.stringify(roles), disabled: Number(disabled), password });
}

export function accountOf(row: Omit<AccountRow, 'password'>): Account {
  return {
    account: row.account,
    name: row.name,
    department: row.department,
    roles: JSON.parse(row.roles) as Role[],
    disabled: row.disabled === 1,
  };
}

/** The account as others see it: without its password hash. */
export function publicAccount({ account, name, department, roles, disabled }: Account): Account {
  return { account, name, department, roles, disabled };
}
