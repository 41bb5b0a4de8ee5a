import { access, rename, rm } from 'node:fs/promises';
import { personRoutes } from '@qianzhi/model';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { commandsIn } from '../hints.js';
import { createScene, type Scene } from './scene.js';

/** See scene.ts: each stop, and the command it named. */
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let scene: Scene;

beforeAll(async () => {
  scene = await createScene({ tables: ['offline'] });
});

afterAll(async () => {
  await scene?.rig.close();
});

describe('a process', () => {
  it('platform out of reach: jobs wait and go on by themselves', async () => {
    const { rig, runs, arrives } = scene;
    await rig.platform.stop('SIGKILL');
    const job = await rig.run('mz', 'supply-offline');
    expect(job.state, JSON.stringify(job)).toBe('waiting');
    expect(['QZ_CLIENT_UNREACHABLE', 'QZ_ENGINE_RECEIPT_MISSING']).toContain(job.problem?.code);
    expect(job.restart).toBe(`qianzhi job retry ${job.id}`);
    await rig.startPlatform(Number(new URL(rig.url).port));
    await runs('mz', 'supply-offline');
    await arrives('offline');
  });

  it('an agent that does not run, and one that is not enrolled', async () => {
    const { rig, paste } = scene;
    await rig.stopAgent('sw');
    const asked = await rig.json(['job', 'list', '--config', 'sw.yaml']);
    expect(asked).toMatchObject({ code: 7, answer: { error: { code: 'QZ_AGENT_NOT_RUNNING' } } });
    expect(commandsIn(asked.answer.error.hint)).toEqual(['qianzhi agent start']);
    await rig.startAgent('sw');
    expect((await rig.qz(['job', 'list', '--config', 'sw.yaml'])).code).toBe(0);

    await rig.writeConfig('fresh', '');
    const start = await rig.json(['agent', 'start', '--config', 'fresh.yaml']);
    expect(start).toMatchObject({ code: 2, answer: { error: { code: 'QZ_AGENT_NOT_ENROLLED' } } });
    await rig.invite('fresh', 'sw');
    const [enroll] = commandsIn(start.answer.error.hint);
    await paste(enroll?.replace('FILE', 'fresh.token'), 'fresh');
    await rig.startAgent('fresh');
  });

  it('a revoked agent enrols again as its hints say', async () => {
    const { rig, paste } = scene;
    await rig.enrol('lost', 'sw', '');
    await rig
      .as('officer')
      .call(personRoutes.revokeAgent, { params: { agent: 'lost' }, body: { reason: 'lost' } });
    const start = await rig.json(['agent', 'start', '--config', 'lost.yaml']);
    expect(start.answer.error.code).toBe('QZ_PLATFORM_AGENT_REVOKED');
    const [invite, enroll] = commandsIn(start.answer.error.hint);
    expect(invite).toBe('qianzhi agent invite lost --department sw');
    await rig.invite('lost', 'sw');
    const command = enroll!.replace('FILE', 'lost.token');
    const again = await rig.paste(command, 'lost');
    expect(again.err).toContain('QZ_AGENT_ALREADY_ENROLLED');
    const [, identity] = /move (\S+) away/.exec(again.err)!;
    await access(identity!);
    await rename(identity!, `${identity}.old`);
    await paste(command, 'lost');
    await rig.startAgent('lost');
    await rm(`${identity}.old`);
  });
});
