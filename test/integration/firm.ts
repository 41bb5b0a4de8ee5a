import { resourceOf } from '../fixtures/resource.js';
import { insertRows, sql } from '../fixtures/tables.js';
import { createSite, type Site } from './site.js';
import type { SiteAgent } from './site-agent.js';

/** A table `firm` of mz with a change table, its supplier mz-1, and a consumer of each name given; none is started. */
export interface FirmSite extends Site {
  readonly mz: SiteAgent;
  /** The supplier's database and a consumer's. */
  readonly legacy: string;
  targetOf(consumer: string): string;
  consumer(name: string, department: string): Promise<SiteAgent>;
}

export interface FirmOptions {
  readonly rows?: number;
  readonly strategy?: 'snapshot' | 'change-table';
  readonly rejectLimit?: number;
  /** Of the platform's config, by the site's folder. */
  readonly platform?: Parameters<typeof createSite>[0];
}

export const columns = ['code', 'name', 'phone'];

/** Small enough that a hundred rows are ten batches. */
export const smallBatches = { blockBytes: 100, batchRows: 10 };

export async function createFirmSite(options: FirmOptions = {}): Promise<FirmSite> {
  const { rows = 100, strategy = 'change-table', rejectLimit = 0.5 } = options;
  const site = await createSite(options.platform);
  const legacy = site.at('legacy.sqlite');
  const log = (op: string, event: string, row: string) =>
    `CREATE TRIGGER log_${op} AFTER ${event} ON firm BEGIN INSERT INTO firm_log (op, code) VALUES ('${op}', ${row}.code); END`;
  sql(
    legacy,
    'CREATE TABLE firm (code TEXT PRIMARY KEY, name TEXT, phone TEXT)',
    'CREATE TABLE firm_log (n INTEGER PRIMARY KEY AUTOINCREMENT, op TEXT, code TEXT)',
  );
  insertRows(
    legacy,
    'firm',
    Array.from({ length: rows }, (_, n) => [`c${String(n).padStart(4, '0')}`, `名称${n}`, `138${n}`]),
  );
  sql(legacy, log('I', 'INSERT', 'NEW'), log('U', 'UPDATE', 'NEW'), log('D', 'DELETE', 'OLD'));
  await site.publish(
    resourceOf(
      'firm',
      columns.map((column) => ({ column })),
    ),
  );
  const source = { table: 'firm', changeTable: { table: 'firm_log', serial: 'n', op: 'op' } };
  const mz = await site.enrol('mz-1', 'mz', {
    connectors: { legacy: { type: 'sqlite', path: legacy } },
    exchanges: [{ name: 'out', supply: 'firm', connector: 'legacy', strategy, rejectLimit, source }],
  });
  await site.supply('firm', 'mz-1');
  const targetOf = (consumer: string) => site.at(`${consumer}.sqlite`);
  // not spread: the platform's address is asked when it is needed
  return Object.assign(Object.create(site) as Site, {
    mz,
    legacy,
    targetOf,
    consumer: (name: string, department: string) =>
      site.enrol(name, department, {
        connectors: { own: { type: 'sqlite', path: targetOf(name), create: true } },
        exchanges: [
          { name: 'in', consume: 'firm', connector: 'own', target: { table: 'firm', create: true } },
        ],
      }),
  });
}
