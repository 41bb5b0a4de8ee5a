import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { databaseErrors } from '../database/errors.js';
import { openDatabase } from '../database/open-database.js';
import { DATABASE_FILE } from '../database/sqlite.js';
import { platformMigrations } from '../server/migrations.js';
import type { PlatformPlace } from './backup-platform.js';

/** Whether tables are there, and whether starting would leave them as they are. */
export interface PlatformStructure {
  readonly present: boolean;
  /** False where the next start converts them, after which an older program may not open them any more. */
  readonly current: boolean;
}

/**
 * Looks at the steps a platform's tables have gone through and changes nothing, also while it runs. Throws
 * QZ_PLATFORM_DATABASE_NEWER, or what `openDatabase` throws.
 */
export async function inspectPlatform({ dataDir, database }: PlatformPlace): Promise<PlatformStructure> {
  // opening a SQLite file would make it
  if (database.kind === 'sqlite' && !existsSync(join(dataDir, DATABASE_FILE)))
    return { present: false, current: true };
  const db = await openDatabase(dataDir, database, { exclusive: false });
  try {
    if (!(await db.schema.hasTable('migrations'))) return { present: false, current: true };
    const applied: readonly string[] = await db('migrations').pluck('name');
    const known = new Set(platformMigrations.map(({ name }) => name));
    const newer = applied.find((step) => !known.has(step));
    if (newer !== undefined) throw databaseErrors.DATABASE_NEWER({ step: newer });
    return { present: true, current: applied.length === known.size };
  } finally {
    await db.destroy();
  }
}
