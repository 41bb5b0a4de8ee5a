import type { DuplicateSupply, Payload, personRoutes } from '@qianzhi/model';
import type { Departments } from '../../department/departments.js';
import type { PersonCaller } from '../../server/caller.js';
import type { PlatformContext } from '../../server/context.js';
import { catalogErrors } from '../errors.js';

type Decision = Payload<(typeof personRoutes.decideSource)['body']>;
type Query = { readonly department?: string | undefined; readonly open?: boolean | undefined };

/** 一数一源 (R039): the same data supplied by several departments, and who is responsible for it. */
export interface Duplicates {
  /** The newest first; decided ones too unless `open`. */
  list(query: Query): Promise<DuplicateSupply[]>;
  /**
   * A competent department's decision; a later one takes its place. Throws QZ_PLATFORM_COMPETENT_ONLY, _DUPLICATE_UNKNOWN, or
   * _SOURCE_NOT_OF_PAIR.
   */
  decide(caller: PersonCaller, decision: Decision): Promise<DuplicateSupply>;
}

interface Row {
  readonly first: string;
  readonly second: string;
  readonly common: number;
  readonly percent: number;
  readonly alike: number;
  readonly found_at: string;
  readonly responsible: string | null;
  readonly note: string | null;
  readonly decided_by: string | null;
  readonly decided_at: string | null;
  readonly first_department: string;
  readonly second_department: string;
}

export function createDuplicates(
  { db, audit, now }: Pick<PlatformContext, 'db' | 'audit' | 'now'>,
  departments: Departments,
): Duplicates {
  const rows = () =>
    db('duplicate_supplies')
      .join({ a: 'resources' }, 'a.code', 'duplicate_supplies.first')
      .join({ b: 'resources' }, 'b.code', 'duplicate_supplies.second')
      .orderBy([{ column: 'found_at', order: 'desc' }, 'first', 'second'])
      .select('duplicate_supplies.*', {
        first_department: 'a.department',
        second_department: 'b.department',
      });

  return {
    async list({ department, open }) {
      const query = rows();
      if (department !== undefined)
        query.where((either) =>
          either.where({ 'a.department': department }).orWhere({ 'b.department': department }),
        );
      if (open) query.where({ alike: 1 }).whereNull('decided_at');
      return ((await query) as Row[]).map(shown);
    },

    async decide(caller, { first, second, responsible, note }) {
      const { department, account } = caller;
      if (department === null || !(await departments.require(department)).competent)
        throw catalogErrors.COMPETENT_ONLY({ account });
      const [one, other] = [first, second].sort();
      const pair = { first: one!, second: other! };
      if (responsible !== null && responsible !== first && responsible !== second)
        throw catalogErrors.SOURCE_NOT_OF_PAIR({ responsible, ...pair });
      await db.transaction(async (trx) => {
        const decided = { responsible, note, decided_by: account, decided_at: now().toISOString() };
        const changed = await trx('duplicate_supplies').where(pair).update(decided);
        if (changed === 0) throw catalogErrors.DUPLICATE_UNKNOWN(pair);
        await audit.record(
          {
            actor: caller,
            action: 'catalog.decide-source',
            object: `${pair.first} ${pair.second}`,
            outcome: 'done',
            details: { responsible },
          },
          trx,
        );
      });
      const [row] = (await rows().where(pair)) as Row[];
      return shown(row!);
    },
  };
}

function shown(row: Row): DuplicateSupply {
  const { decided_by, decided_at } = row;
  return {
    first: { code: row.first, department: row.first_department },
    second: { code: row.second, department: row.second_department },
    common: row.common,
    percent: row.percent,
    alike: row.alike === 1,
    foundAt: row.found_at,
    decision:
      decided_by !== null && decided_at !== null
        ? { responsible: row.responsible, note: row.note ?? '', decidedBy: decided_by, decidedAt: decided_at }
        : null,
  };
}
