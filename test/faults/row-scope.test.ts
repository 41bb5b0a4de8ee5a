import { personRoutes } from '@qianzhi/model';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { rowsOf, sql } from '../fixtures/tables.js';
import { type Chain, createChain } from './chain.js';
import { long, throwDice } from './seed.js';

/** SIGKILL of the platform while rows enter and leave the scope of an agreement: what is held is never told twice or lost. */
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

const FIRMS = 200;
const IN_SCOPE = `phone >= '2' AND name <> 'out'`;
const points = ['delivery:recorded', 'acknowledge:recorded', 'intake:recorded'];
const dice = throwDice('row-scope');

let chain: Chain;
beforeAll(async () => {
  chain = await createChain({ villages: 1, firms: FIRMS });
  await chain.startOne('mz');
  await chain.startOne('sw');
  const body = {
    resource: 'firm',
    items: ['code', 'name'],
    rows: "phone >= '2' and name <> 'out'",
    purpose: { usage: 'work-reference' as const, matter: '税源管理', legalBasis: '' },
    modes: ['docking' as const],
  };
  await chain.as('consumer').call(personRoutes.apply, { body });
});
afterAll(() => chain?.close());

/** Rows change sides by an item that is granted and by one that is not. */
function storm(): void {
  const statements: string[] = [];
  for (let n = 0; n < 60; n++) {
    const row = `code = 'c${String(dice.below(FIRMS)).padStart(5, '0')}'`;
    const name = dice.next() < 0.3 ? 'out' : `name ${dice.below(9)}`;
    if (dice.next() < 0.1) statements.push(`DELETE FROM firm WHERE ${row}`);
    else if (dice.next() < 0.5) statements.push(`UPDATE firm SET name = '${name}' WHERE ${row}`);
    else statements.push(`UPDATE firm SET phone = '${dice.below(4)}' WHERE ${row}`);
  }
  sql(chain.legacy, ...statements);
}

async function carry(): Promise<void> {
  await chain.done('out-firm');
  await chain.done('in-firm');
}

async function expectInScope(): Promise<void> {
  await carry();
  const wanted = `(SELECT code, name FROM firm WHERE code <> 'f-long' AND ${IN_SCOPE})`;
  expect(rowsOf(chain.target, 'firm', ['code', 'name'])).toEqual(
    rowsOf(chain.legacy, wanted, ['code', 'name']),
  );
  // what is held by the platform's account is what stands in the target
  const held = await chain.platformRows(
    `SELECT key FROM held_keys JOIN held_sets ON id = held WHERE state = 'held'`,
  );
  expect(held).toHaveLength(rowsOf(chain.target, 'firm').length);
}

describe('rows that enter and leave a scope', () => {
  it('are told of while nothing fails', async () => {
    await expectInScope();
    storm();
    await expectInScope();
    expect(rowsOf(chain.target, 'firm').length).toBeGreaterThan(10);
  });

  it.each(points)('are told of once when the platform is killed at %s', async (point) => {
    storm();
    await chain.end('stop');
    await chain.start({ platform: { QZ_FAILPOINT: point } });
    const running = carry().catch(() => undefined);
    const { ended } = chain.process('platform');
    const inTime = AbortSignal.timeout(60_000);
    const late = new Promise<never>((_, reject) => {
      inTime.onabort = () => reject(new Error(`${point} was not passed`));
    });
    expect(await Promise.race([ended, late])).toMatchObject({ signal: 'SIGKILL' });
    await chain.startOne('platform');
    await running;
    await expectInScope();
  });

  it.each(Array.from({ length: long ? 20 : 2 }, (_, n) => n))('and at any time, round %i', async () => {
    storm();
    const running = carry().catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, dice.below(500)));
    await chain.process('platform').stop('SIGKILL');
    await chain.startOne('platform');
    storm();
    await running;
    await expectInScope();
  });
});
