import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DutyOutcome, TimedDuty } from '@qianzhi/model';
import type { MarkRules } from '@qianzhi/model/duty';
import type { Knex } from 'knex';
import pino from 'pino';
import { createAuditLog } from '../audit/audit-log.js';
import { auditMigrations } from '../audit/schema.js';
import { migrate } from '../database/migrate.js';
import { openDatabase } from '../database/open-database.js';
import { dropTestDatabase, testDatabase } from '../database/test-database.js';
import { createDepartments } from '../department/departments.js';
import { departmentMigrations } from '../department/schema.js';
import { policyMigrations } from '../policy/schema.js';
import type { NewDuty } from '../ports.js';
import type { PersonCaller } from '../server/caller.js';
import type { PlatformContext } from '../server/context.js';
import { createDutyClocks, type KeptClocks } from './clocks.js';
import { dutyMigrations } from './schema.js';
import { findDuty, listEvents } from './store.js';

/** Clocks over real tables, on a day that tests set. */
export interface DutyRig {
  readonly db: Knex;
  readonly context: PlatformContext;
  readonly clocks: KeptClocks;
  /** Ten in the morning in Asia/Shanghai of that day. */
  moveTo(day: string): void;
  /** Clocks as after a restart: they know only what is stored. */
  restarted(): KeptClocks;
  open(more?: Partial<NewDuty>): Promise<string>;
  pause(id: string): Promise<void>;
  resume(id: string): Promise<void>;
  close(id: string, outcome?: DutyOutcome): Promise<void>;
  duty(id: string): Promise<TimedDuty>;
  /** `event day` of its history. */
  history(id: string): Promise<string[]>;
  audited(): Promise<string[]>;
  remove(): Promise<void>;
}

export const rules: MarkRules = { remindDays: 2, escalateDays: 3 };

export function caller(department: string | null, ...roles: PersonCaller['roles']): PersonCaller {
  return { kind: 'person', account: `${department ?? 'all'}-${roles[0]}`, department, roles };
}

/** Only what clocks and policies ask of a platform is there. */
export async function openDutyRig(day: string): Promise<DutyRig> {
  const dataDir = mkdtempSync(join(tmpdir(), 'qianzhi-duties-'));
  const db = await openDatabase(dataDir, testDatabase(dataDir));
  await migrate(db, [...auditMigrations, ...departmentMigrations, ...policyMigrations, ...dutyMigrations]);
  let at = new Date();
  const moveTo = (to: string) => {
    at = new Date(`${to}T02:00:00Z`);
  };
  moveTo(day);
  const now = () => at;
  const context = { db, dataDir, now, log: pino({ level: 'silent' }), audit: createAuditLog(db, now) };
  const restarted = () => createDutyClocks(context as PlatformContext, rules);
  const clocks = restarted();
  const departments = createDepartments(db);
  for (const id of ['mz', 'sw', 'zs']) {
    const department = { id, name: id, police: false, competent: id === 'zs' };
    await db.transaction((trx) => departments.put(department, trx));
  }
  const reply: NewDuty = {
    kind: 'agreement.reply',
    object: 'a1',
    owner: 'mz',
    rule: 'R058',
    profile: 'jiangsu-2017',
    deadline: { n: 10, unit: 'workingDay', excludeStartDay: true },
  };
  const within = <T>(act: (trx: Knex.Transaction) => Promise<T>) => db.transaction(act);
  return {
    db,
    context: context as PlatformContext,
    clocks,
    moveTo,
    restarted,
    open: (more = {}) => within((trx) => clocks.open(trx, { ...reply, ...more }, 'platform')),
    pause: (id) => within((trx) => clocks.pause(trx, id, '待补正', caller('mz', 'approver'))),
    resume: (id) => within((trx) => clocks.resume(trx, id, 'platform')),
    close: (id, outcome = 'done') =>
      within((trx) => clocks.close(trx, id, outcome, '已答复', caller('mz', 'approver'))),
    duty: async (id) => (await findDuty(db, id))!,
    history: async (id) => (await listEvents(db, id)).map(({ event, day: of }) => `${event} ${of}`),
    audited: async () =>
      (await db('audit').orderBy('seq')).map(
        ({ actor, action }: { actor: string; action: string }) => `${actor} ${action}`,
      ),
    async remove() {
      await db.destroy();
      await dropTestDatabase(dataDir);
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
