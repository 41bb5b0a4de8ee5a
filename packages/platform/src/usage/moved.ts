import type { Knex } from 'knex';

/** Whether anything was supplied under a grant yet, in whatever mode: a delivery, a query, a file, a package. */
export async function hasMoved(db: Knex, agreement: string, grantVersion: number): Promise<boolean> {
  const grant = { agreement, grant_version: grantVersion };
  const delivery = await db('delivery_streams').where(grant).where('seq', '>', 0).first('agreement');
  return delivery !== undefined || (await db('operations').where(grant).first('agreement')) !== undefined;
}
