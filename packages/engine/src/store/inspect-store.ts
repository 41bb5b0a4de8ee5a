import { existsSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { engineErrors } from '../errors.js';
import { migrations } from './schema.js';

/** Whether a state is there, and whether opening it would leave its structure as it is. */
export interface StoreStructure {
  readonly present: boolean;
  /** False where the next start converts it, after which an older program may not open it any more. */
  readonly current: boolean;
}

/** Looks at the structure of a state folder's database and changes nothing, also while an agent runs. Throws QZ_ENGINE_STORE_NEWER. */
export function inspectStore(stateDir: string): StoreStructure {
  const file = join(stateDir, 'state.db');
  if (!existsSync(file)) return { present: false, current: true };
  const db = new Database(file, { fileMustExist: true, readonly: true });
  try {
    const found = db.pragma('user_version', { simple: true }) as number;
    const wanted = migrations.length;
    if (found > wanted) throw engineErrors.STORE_NEWER({ file, found, wanted });
    return { present: true, current: found === wanted };
  } finally {
    db.close();
  }
}
