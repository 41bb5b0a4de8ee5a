import { appendFile, mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRig, deadline, type Rig, runNow } from '../doubles/rig.js';
import { manifestName, readManifest } from './backup-manifest.js';
import { backupState } from './backup-state.js';
import { restoreState } from './restore-state.js';

let rig: Rig;
let stateDir: string;
let backup: string;
beforeEach(async () => {
  rig = await createRig();
  stateDir = join(rig.folder, 'civil-1');
  backup = join(rig.folder, 'backup');
  for (let i = 0; i < 9; i++) rig.source.put(`0${i}`, `村${i}`);
});
afterEach(() => rig.cleanup());

const take = () => backupState(stateDir, backup, { files: [], databases: [] }, deadline());
const restore = () => restoreState(backup, stateDir, deadline());
const code = (name: string) => expect.objectContaining({ code: `QZ_ENGINE_${name}` });

describe('backup of a state folder', () => {
  it('is taken while the agent runs, and the agent goes on from it', async () => {
    const first = await rig.provider();
    await runNow(first, 'village-out');
    const summary = await take();
    expect(summary).toMatchObject({ folder: backup, files: 2 });
    expect((await readdir(backup)).sort()).toEqual([manifestName, 'outbox', 'state.db']);
    expect((await stat(join(backup, 'state.db'))).mode & 0o777).toBe(0o600);
    await rig.kill(first);
    await rm(stateDir, { recursive: true });

    expect(await restore()).toMatchObject({ files: 2, takenAt: summary.takenAt });
    const second = await rig.provider();
    rig.source.put('99', '新');
    expect(await runNow(second, 'village-out')).toMatchObject({
      state: 'done',
      summary: { read: 1, stored: 1 },
    });
    expect(second.streams.show('village')).toMatchObject({ stream: { epoch: 1 }, receiptedSeq: 2 });
  });

  it('of yesterday is noticed, and recover opens an epoch', async () => {
    const first = await rig.provider();
    await runNow(first, 'village-out');
    await take();
    rig.source.put('99', '新');
    await runNow(first, 'village-out');
    await rig.kill(first);
    await rm(stateDir, { recursive: true });
    await restore();
    const second = await rig.provider();
    expect(await runNow(second, 'village-out')).toMatchObject({
      state: 'failed',
      problem: { code: 'QZ_ENGINE_STATE_BEHIND' },
    });
    await second.streams.recover({ reason: '还原' }, deadline());
    expect(await runNow(second, 'village-out')).toMatchObject({ state: 'done' });
    expect(second.streams.show('village')).toMatchObject({ stream: { epoch: 2 } });
  });

  it('holds no half-written file, and nothing that a folder keeps as a cache', async () => {
    await runNow(await rig.provider(), 'village-out');
    await mkdir(join(stateDir, 'inbox'), { recursive: true });
    await writeFile(join(stateDir, 'outbox', 'village', 'x.zst.part'), 'half');
    await writeFile(join(stateDir, 'inbox', 'x'), 'cache');
    await take();
    const { files } = await readManifest(backup);
    expect(files.filter(({ path }) => /part$|inbox/.test(path))).toEqual([]);
  });
});

describe('a backup is refused', () => {
  beforeEach(async () => {
    const agent = await rig.provider();
    await runNow(agent, 'village-out');
    await take();
    await rig.kill(agent);
  });
  const lose = () => rm(stateDir, { recursive: true });
  const outboxFile = async () =>
    join(backup, (await readManifest(backup)).files.find(({ path }) => path.startsWith('outbox/'))!.path);

  it('over a folder with something in it, both ways', async () => {
    await expect(take()).rejects.toEqual(code('FOLDER_NOT_EMPTY'));
    await expect(restore()).rejects.toEqual(code('FOLDER_NOT_EMPTY'));
  });

  it('of a folder without state', async () => {
    await expect(
      backupState(rig.folder, join(rig.folder, 'b'), { files: [], databases: [] }, deadline()),
    ).rejects.toEqual(code('NOTHING_TO_BACK_UP'));
  });

  it.each([
    ['a longer file', async () => appendFile(await outboxFile(), 'x')],
    ['a missing file', async () => rm(await outboxFile())],
    ['no manifest', () => rm(join(backup, manifestName))],
    ['a path out of the folder', () => rewritten((files) => ({ ...files[0]!, path: '../../etc/passwd' }))],
    ['a database that is none', () => writeFile(join(backup, 'state.db'), 'x'.repeat(4096))],
  ])('with %s, and nothing is restored', async (_what, damage) => {
    await damage();
    await lose();
    await expect(restore()).rejects.toEqual(code('BACKUP_BROKEN'));
    await expect(stat(stateDir)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('with a file its database names left out of the manifest', async () => {
    const manifest = await readManifest(backup);
    const files = manifest.files.filter(({ path }) => path === 'state.db');
    await writeFile(join(backup, manifestName), JSON.stringify({ ...manifest, files }));
    await lose();
    await expect(restore()).rejects.toEqual(code('BACKUP_BROKEN'));
  });

  async function rewritten(change: (files: readonly { path: string }[]) => object): Promise<void> {
    const manifest = await readManifest(backup);
    const files = [...manifest.files, change(manifest.files)];
    await writeFile(join(backup, manifestName), JSON.stringify({ ...manifest, files }));
  }
});
