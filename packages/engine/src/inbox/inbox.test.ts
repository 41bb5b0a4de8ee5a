import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Channel } from '@qianzhi/plugin-api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { platformDoubleErrors } from '../doubles/errors.js';
import { deadline, type Rig, runNow, until } from '../doubles/rig.js';
import { createWaitingRig, receiptsOf } from '../doubles/waiting.js';
import type { Engine } from '../surface.js';
import { fileOf } from './inbox-file.js';

const all = [1, 2, 3, 4, 5];

let rig: Rig;
let inbox: string;
let fetched: number[];
beforeEach(async () => {
  rig = await createWaitingRig();
  inbox = join(rig.folder, 'tax-1', 'inbox');
  fetched = [];
});
afterEach(() => rig.cleanup());

const equal = () => expect([...rig.target.rows].sort()).toEqual([...rig.source.rows].sort());

/** Files of the inbox by sequence, with their paths. */
function files(): Map<number, string> {
  let found: string[] = [];
  try {
    found = readdirSync(inbox, { recursive: true, encoding: 'utf8' });
  } catch {
    // none yet
  }
  const batches = found.map((name) => [Number(/\/(\d+)\.[^/]*\.zst$/.exec(name)?.[1]), join(inbox, name)]);
  return new Map((batches as [number, string][]).filter(([seq]) => seq > 0).sort(([a], [b]) => a - b));
}

function counting(): Channel {
  const channel = rig.platform.channel('tax-1');
  return {
    ...channel,
    async *receive(request, signal) {
      for await (const item of channel.receive(request, signal)) {
        yield {
          ...item,
          bytes(inner) {
            fetched.push(item.delivery.body.seq);
            return item.bytes(inner);
          },
        };
      }
    },
  };
}

/** Where a batch of the one delivery stream is put. */
function pathOf(seq: number): string {
  const [delivery, { documents }] = [...rig.platform.deliveries][0]!;
  const { rows, rowsDigest } = documents[seq - 1]!.body.manifest.body;
  return join(inbox, fileOf({ exchange: 'village-in', delivery }, { seq, rows, rowsDigest }));
}

/** A consumer whose target is out of reach until everything was received; then it is killed. */
async function receivedAndKilled(): Promise<void> {
  rig.target.writeError = async () => {
    await until('all is received', () => files().size === 5);
    return platformDoubleErrors.DOWN();
  };
  const consumer = await rig.consumer({ channel: counting() });
  const { id } = consumer.jobs.run('village-in');
  await until('it waits', () => consumer.jobs.status(id).state === 'waiting');
  await rig.kill(consumer);
  rig.target.writeError = undefined;
  expect([...files().keys()]).toEqual(all);
  fetched.length = 0;
}

async function goOn(): Promise<Engine> {
  const consumer = await rig.consumer({ channel: counting() });
  await until('all is done', () => consumer.jobs.list().every((job) => job.state === 'done'));
  return consumer;
}

describe('what was received before a crash', () => {
  it('is applied without fetching it again, and then removed', async () => {
    await receivedAndKilled();
    for (const path of files().values()) {
      expect(statSync(path).mode & 0o777).toBe(0o600);
      expect(statSync(dirname(path)).mode & 0o777).toBe(0o700);
    }
    await goOn();
    expect(fetched).toEqual([]);
    equal();
    expect(files().size).toBe(0);
  });

  it('is removed and fetched again where it is damaged, of another batch or not whole', async () => {
    await receivedAndKilled();
    const bytes = readFileSync(pathOf(1));
    bytes[bytes.length - 1]! ^= 1;
    writeFileSync(pathOf(1), bytes);
    writeFileSync(pathOf(2), readFileSync(pathOf(3)));
    writeFileSync(pathOf(4), '');
    await goOn();
    expect(fetched.sort()).toEqual([1, 2, 4]);
    equal();
    expect(files().size).toBe(0);
  });

  it('is swept where no delivery waits for it', async () => {
    await receivedAndKilled();
    const strays = ['x.zst', 'village-in/a/1.2.zst', 'gone/a%2F1/1.2.d.zst', 'village-in/%E0/1.2.d.zst'].map(
      (name) => join(inbox, name),
    );
    for (const path of [...strays, `${pathOf(1)}.part`]) {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, 'x');
    }
    const consumer = await rig.consumer({ exchanges: () => [] });
    expect(
      readdirSync(inbox, { recursive: true, encoding: 'utf8' }).filter((name) => name.includes('.')),
    ).toEqual([]);
    await rig.kill(consumer);
  });

  it('is removed once the platform offers it no more', async () => {
    await receivedAndKilled();
    for (const { documents } of rig.platform.deliveries.values()) documents.length = 0;
    await goOn();
    expect(rig.target.writes).toBe(0);
    expect(files().size).toBe(0);
  });
});

describe('a grant revoked', () => {
  it('while the agent was down: nothing is applied, all of it is erased and closed by a receipt', async () => {
    await receivedAndKilled();
    rig.platform.revoke();
    const consumer = await rig.consumer({ channel: counting() });
    await until('closed', () => receiptsOf(rig).length > 0);
    expect(receiptsOf(rig)).toEqual([['rejected', 1, 5, 'revoked']]);
    expect(files().size).toBe(0);
    expect(rig.target.rows.size).toBe(0);
    expect(fetched).toEqual([]);
    await rig.kill(consumer);
  });

  it('erases at once, also of a paused exchange', async () => {
    await receivedAndKilled();
    const consumer = await rig.consumer();
    consumer.jobs.pause('village-in');
    rig.platform.revoke();
    consumer.wake();
    await until('erased', () => files().size === 0);
  });

  it('while deliveries come in leaves none of them', async () => {
    rig.target.writeError = async ({ seq }) => {
      if (seq === 1) await until('some are received', () => files().size > 2);
      if (seq === 1) rig.platform.revoke();
      return undefined;
    };
    const consumer = await rig.consumer();
    expect(await runNow(consumer, 'village-in')).toMatchObject({ problem: { code: 'QZ_ENGINE_REVOKED' } });
    expect(files().size).toBe(0);
    expect(rig.target.rows.size).toBe(0);
  });
});

describe('a disk', () => {
  it('that is full makes the run wait, and it goes on by itself', async () => {
    const consumer = await rig.consumer({ limits: { backoffFirstMs: 500, backoffCapMs: 500 } });
    mkdirSync(dirname(pathOf(2)), { recursive: true });
    // a write to it fails as on a full disk; the writer removes it like any partial file, and there is room again
    symlinkSync('/dev/full', `${pathOf(2)}.part`);
    const { id } = consumer.jobs.run('village-in');
    await until('it waits', () => consumer.jobs.status(id).state === 'waiting');
    expect(consumer.jobs.status(id).problem).toMatchObject({ code: 'QZ_ENGINE_DISK_FULL' });
    expect(consumer.streams.list()).toMatchObject([{ state: 'running' }]);
    expect(await consumer.jobs.ended(id, deadline())).toMatchObject({ state: 'done' });
    equal();
  });

  it('that does not confirm halts the inbox until the agent starts again; no stream is to blame', async () => {
    const consumer = await rig.consumer();
    mkdirSync(dirname(pathOf(2)), { recursive: true });
    // a write to it answers EIO
    symlinkSync('/proc/self/mem', `${pathOf(2)}.part`);
    for (const _ of [1, 2]) {
      expect(await runNow(consumer, 'village-in')).toMatchObject({
        state: 'failed',
        problem: { code: 'QZ_ENGINE_STORE_HALTED' },
      });
      expect(consumer.streams.list()).toMatchObject([{ state: 'running' }]);
    }
    await rig.kill(consumer);
    await runNow(await rig.consumer(), 'village-in');
    equal();
  });
});

it('small deliveries are not worth the disk', async () => {
  let most = 0;
  rig.target.writeError = () => {
    most = Math.max(most, files().size);
    return undefined;
  };
  await runNow(await rig.consumer({ limits: { inboxFromBytes: 64 * 1024 } }), 'village-in');
  equal();
  expect(most).toBe(0);
});
