import type { StreamInfo } from '@qianzhi/agent/control';
import { personRoutes } from '@qianzhi/model';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { resourceOf } from '../../fixtures/resource.js';
import { rowsOf } from '../../fixtures/tables.js';
import { commandsIn, wordsOf } from '../hints.js';
import { eventually } from '../program.js';
import type { Refusal } from '../rig.js';
import { createScene, type Scene } from './scene.js';

/** See scene.ts: each stop, and the command it named. */
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let scene: Scene;

beforeAll(async () => {
  scene = await createScene({
    tables: ['unordered', 'unreviewed', 'ungranted', 'conditional', 'revoked'],
    unpublished: ['unordered', 'unreviewed', 'conditional'],
    unsubscribed: ['ungranted'],
  });
});

afterAll(async () => {
  await scene?.rig.close();
});

/** Published only: neither reviewed nor ordered. */
async function publishOnly(code: string): Promise<void> {
  const body = resourceOf(code, [{ column: 'code' }, { column: 'name' }]);
  await scene.rig.as('editor').call(personRoutes.publishCatalog, { params: { code }, body });
}

describe('a supply', () => {
  it('that was never reviewed nor ordered', async () => {
    const { rig, stops, paste, pasteAs, runs, arrives } = scene;
    await publishOnly('unordered');
    const { commands } = await stops('mz', 'supply-unordered', 'QZ_ENGINE_NO_DUTY');
    const [show, review, supply, run] = commands;
    expect(await pasteAs('editor', show)).toContain('unordered');
    await pasteAs('admin', review);
    await pasteAs('editor', supply);
    await rig.subscribe('unordered');
    await paste(run, 'mz');
    await runs('mz', 'supply-unordered');
    await arrives('unordered');
  });

  it('that the platform refuses to order for want of a review', async () => {
    const { rig, pasteAs, supplied, arrives } = scene;
    await publishOnly('unreviewed');
    await pasteAs('editor', 'qianzhi whoami');
    const refused = await rig.json(['catalog', 'supply', 'unreviewed', '--agent', 'mz']);
    expect(refused).toMatchObject({
      code: 4,
      answer: { error: { code: 'QZ_PLATFORM_SECRECY_REVIEW_MISSING' } },
    });
    const [review, supply] = commandsIn(refused.answer.error.hint);
    await pasteAs('admin', review);
    await pasteAs('editor', supply);
    await rig.subscribe('unreviewed');
    await supplied('unreviewed');
    await arrives('unreviewed');
  });
});

describe('an agreement', () => {
  /** What a person of the department fills in: the matter. */
  const withMatter = (command: string | undefined) => command?.replace('MATTER', '税源管理');

  it('that was never asked for', async () => {
    const { supplied, stops, paste, pasteAs, runs, same } = scene;
    await supplied('ungranted');
    const { commands } = await stops('sw', 'pull-ungranted', 'QZ_ENGINE_NO_GRANT');
    const [apply, run] = commands;
    await pasteAs('consumer', withMatter(apply));
    await paste(run, 'sw');
    await runs('sw', 'pull-ungranted');
    same('ungranted');
  });

  it('that another department has to approve', async () => {
    const { rig, supplied, stops, paste, pasteAs, runs } = scene;
    const conditional = { column: 'code', sharing: 'conditional' as const };
    await rig.publish(resourceOf('conditional', [conditional, { ...conditional, column: 'name' }]), 'mz');
    await supplied('conditional');
    const { commands } = await stops('sw', 'pull-conditional', 'QZ_ENGINE_NO_GRANT');
    const [apply, run] = commands;
    await pasteAs('consumer', 'qianzhi whoami');
    // nothing of it is unconditional: the refusal names what to add
    const refused = await rig.json<Refusal>(wordsOf(withMatter(apply)!).slice(1));
    expect(refused.answer.error.code).toBe('QZ_PLATFORM_ITEMS_NONE_UNCONDITIONAL');
    const [again] = commandsIn(refused.answer.error.hint);
    const applied = await pasteAs(
      'consumer',
      withMatter(again)!.replace('ITEM', 'code').replace('BASIS', '税收征收管理法第六条'),
    );
    const { commands: waiting } = await stops('sw', 'pull-conditional', 'QZ_ENGINE_NO_GRANT');
    expect(waiting).toEqual(commands);
    const [approve] = /qianzhi agreement approve \S+/.exec(applied)!;
    await pasteAs('approver', approve);
    await paste(run, 'sw');
    await runs('sw', 'pull-conditional');
    expect(rowsOf(rig.at('own.sqlite'), 'conditional')).toEqual([['1'], ['2'], ['3']]);
  });

  it('that was revoked', async () => {
    const { rig, add, supplied, arrives, paste, pasteAs, runs, same } = scene;
    await supplied('revoked');
    await arrives('revoked');
    const query = { resource: 'revoked' };
    const { agreements } = await rig.as('admin').call(personRoutes.listAgreements, { query });
    const params = { id: agreements[0]!.id };
    await rig.as('approver').call(personRoutes.revoke, { params, body: { reason: '用途已结束' } });
    add('revoked', '4');
    await supplied('revoked');
    await rig.qz(['agent', 'sync', '--config', 'sw.yaml']);
    const { problem } = await eventually('the revocation to be carried out', 30_000, async () => {
      const { answer } = await rig.json<StreamInfo>(['stream', 'show', 'revoked', '--config', 'sw.yaml']);
      return answer.state === 'revoked' ? answer : undefined;
    });
    expect(problem!.code).toBe('QZ_ENGINE_REVOKED');
    const [apply, run] = commandsIn(problem!.texts.en.hint);
    await pasteAs('consumer', withMatter(apply));
    await paste(run, 'sw');
    await runs('sw', 'pull-revoked');
    same('revoked');
  });
});
