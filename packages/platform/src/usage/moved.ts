import type { Knex } from 'knex';

/** Whether anything was supplied under an agreement yet, in whatever mode: a delivery, a query, a file, a package. */
export async function hasMoved(db: Knex, agreement: string): Promise<boolean> {
  const delivery = await db('deliveries').where({ agreement }).first('agreement');
  return (
    delivery !== undefined || (await db('operations').where({ agreement }).first('agreement')) !== undefined
  );
}
