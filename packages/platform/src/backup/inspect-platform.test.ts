import { existsSync } from 'node:fs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openDatabase } from '../database/open-database.js';
import { testDatabase } from '../database/test-database.js';
import { startTestPlatform, type TestPlatform } from '../server/test-platform.js';
import { inspectPlatform } from './inspect-platform.js';

let platform: TestPlatform;
beforeEach(async () => {
  platform = await startTestPlatform();
});
afterEach(() => platform.remove());

const place = () => ({ dataDir: platform.dataDir, database: testDatabase(platform.dataDir) });

async function changeSteps(change: (steps: string[]) => string[]): Promise<void> {
  const { dataDir, database } = place();
  const db = await openDatabase(dataDir, database, { exclusive: false });
  try {
    const steps: string[] = await db('migrations').orderBy('name').pluck('name');
    const wanted = change(steps);
    await db('migrations').whereNotIn('name', wanted).delete();
    for (const name of wanted.filter((step) => !steps.includes(step)))
      await db('migrations').insert({ name, applied_at: '2026-01-01T00:00:00.000Z' });
  } finally {
    await db.destroy();
  }
}

it('tells, while the platform runs, that its tables are there and current', async () => {
  expect(await inspectPlatform(place())).toEqual({ present: true, current: true });
});

it('tells of tables that the next start converts', async () => {
  await changeSteps((steps) => steps.slice(0, -1));
  expect(await inspectPlatform(place())).toEqual({ present: true, current: false });
});

it('refuses tables of a newer version', async () => {
  await changeSteps((steps) => [...steps, 'later-1']);
  await expect(inspectPlatform(place())).rejects.toMatchObject({ code: 'QZ_PLATFORM_DATABASE_NEWER' });
});

it('makes no SQLite file where there is none', async () => {
  const nowhere = { dataDir: `${platform.dataDir}-elsewhere`, database: { kind: 'sqlite' as const } };
  expect(await inspectPlatform(nowhere)).toEqual({ present: false, current: true });
  expect(existsSync(nowhere.dataDir)).toBe(false);
});
