import type { Department } from '@qianzhi/model';
import type { Knex } from 'knex';
import { departmentErrors } from './errors.js';

interface DepartmentRow {
  readonly id: string;
  readonly name: string;
  readonly uscc: string | null;
  readonly region: string | null;
  readonly police: number;
  readonly competent: number;
}

/** Registered departments. */
export interface Departments {
  all(): Promise<readonly Department[]>;
  find(id: string): Promise<Department | undefined>;
  /** Throws QZ_PLATFORM_DEPARTMENT_UNKNOWN. */
  require(id: string): Promise<Department>;
  put(department: Department, trx: Knex.Transaction): Promise<void>;
}

export function createDepartments(db: Knex): Departments {
  async function find(id: string): Promise<Department | undefined> {
    const row: DepartmentRow | undefined = await db('departments').where({ id }).first();
    return row && departmentOf(row);
  }
  return {
    all: async () => (await db('departments').orderBy('id')).map(departmentOf),
    find,
    require: async (id) => {
      const department = await find(id);
      if (!department) throw departmentErrors.DEPARTMENT_UNKNOWN({ department: id });
      return department;
    },
    put: async ({ uscc = null, region = null, police, competent, ...named }, trx) => {
      const row = { ...named, uscc, region, police: Number(police), competent: Number(competent) };
      await trx('departments').insert(row).onConflict('id').merge();
    },
  };
}

function departmentOf(row: DepartmentRow): Department {
  const { id, name, uscc, region, police, competent } = row;
  return {
    id,
    name,
    ...(uscc !== null && { uscc }),
    ...(region !== null && { region }),
    police: police === 1,
    competent: competent === 1,
  };
}
