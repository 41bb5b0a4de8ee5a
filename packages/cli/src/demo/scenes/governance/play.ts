import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PlatformClient } from '@qianzhi/client';
import { type Application, chinaDay, isQianzhiError, type Matter, personRoutes } from '@qianzhi/model';
import { dueOn, workingCalendar } from '@qianzhi/model/calendar';
import { startDemoAgent } from '../../agents.js';
import { addPerson, type Governance } from '../../governance.js';
import { createProcesses, type Processes } from '../../processes.js';
import { openSmallStage } from '../../small-stage.js';
import { check, type Scene, type SceneCheck, sceneResult } from '../scene.js';
import { catalogText, configs, GUANGDONG, HUIZHOU, ROWS, SECRET, sourceText } from './stage.js';

/**
 * 从申请到裁定: items of an application are refused, negotiated, reviewed, ruled on and supplied under one regulation; the same refusal
 * is final under another.
 */
export const governanceScene: Scene = { tampers: [], play: playGovernance };

async function playGovernance(...[{ tell }, signal]: Parameters<Scene['play']>) {
  const startedAt = Date.now();
  const folder = await mkdtemp(join(tmpdir(), 'qianzhi-scene-'));
  const processes = createProcesses(folder, { QZ_HOME: join(folder, 'home') });
  try {
    for (const name of ['mz-folder', 'sw-folder']) await mkdir(join(folder, name));
    const texts = { catalog: catalogText, ...configs };
    tell('平台、三个部门、两台前置机', 'a platform, three departments, two agents');
    const { governance } = await openSmallStage(folder, processes, texts, signal);
    try {
      const competent = await addPerson(governance, 'zs-approver', 'zs', ['approver'], signal);
      const parties: Parties = { governance, competent, signal };
      const first = await underHuizhou(parties, folder, processes, tell);
      const second = await underGuangdong(parties, tell);
      return sceneResult('governance', [...first, ...second], startedAt);
    } finally {
      await governance.close();
    }
  } finally {
    await processes.stopAll();
    await rm(folder, { recursive: true, force: true });
  }
}

interface Parties {
  readonly governance: Governance;
  /** Approver of the competent department. */
  readonly competent: PlatformClient;
  readonly signal: AbortSignal;
}

type Tell = Parameters<Scene['play']>[0]['tell'];

const BASIS = '税收征收管理法第六条';
const REFUSAL = {
  reason: '电话与事项无关',
  ground: 'unrelated',
  legalBasis: '个人信息保护法第六条',
} as const;

const application = (resource: string, change: Partial<Application> = {}): Application => ({
  resource,
  items: ['code', 'name', 'legal_person', 'phone'],
  purpose: { usage: 'administrative-basis', matter: '社会团体实名办税', legalBasis: '' },
  itemBasis: { legal_person: BASIS, phone: BASIS },
  modes: ['sftp'],
  ...change,
});

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'answered',
    (error) => {
      if (isQianzhiError(error)) return error.code;
      throw error;
    },
  );

const dueIn = (n: number) =>
  dueOn(workingCalendar(), chinaDay(new Date()), { n, unit: 'workingDay', excludeStartDay: true }).day;
const dayOf = ({ clocks }: Matter, kind: string) =>
  clocks.find((clock) => clock.kind === kind)?.dueDay ?? 'none';

async function usePolicy({ governance, signal }: Parties, profile: string): Promise<void> {
  const body = { profile, reason: '演示' };
  await governance.as('officer').call(personRoutes.usePolicy, { body }, signal);
}

async function underHuizhou(
  parties: Parties,
  folder: string,
  processes: Processes,
  tell: Tell,
): Promise<SceneCheck[]> {
  const { governance, competent, signal } = parties;
  const [consumer, provider] = [governance.as('swAdmin'), governance.as('mzApprover')];
  tell('惠州(征求意见稿):申请,逐项写明依据', 'Huizhou (draft): an application, with the basis of each item');
  await usePolicy(parties, 'huizhou-draft-2016');
  const bare = { ...application(HUIZHOU, { itemBasis: { phone: BASIS } }) };
  const general = { ...bare, purpose: { ...bare.purpose, legalBasis: BASIS } };
  const unstated = await codeOf(consumer.call(personRoutes.apply, { body: general }, signal));
  const { id } = await consumer.call(personRoutes.apply, { body: application(HUIZHOU) }, signal);
  const params = { id };
  const matter = () => consumer.call(personRoutes.showMatter, { params }, signal);
  const replyDue = dayOf(await matter(), 'agreement.reply');
  const approve = (body: object) => provider.call(personRoutes.approve, { params, body }, signal);
  const unsigned = await codeOf(approve({}));
  const signature = { text: '安全保密协议', signatory: '王五' };
  await consumer.call(personRoutes.signConfidentiality, { params, body: signature }, signal);

  tell('同意三项,不同意电话', 'three items are agreed to, the telephone is refused');
  const items = ['code', 'name', 'legal_person'];
  const silent = await codeOf(approve({ items }));
  const internal = await codeOf(approve({ items, refusal: { ...REFUSAL, ground: 'internal-rule' } }));
  const granted = await approve({ items, refusal: REFUSAL });

  tell('协商、联席会审、裁定', 'negotiation, joint review, ruling');
  const body = { reason: '须联系法定代表人' };
  await consumer.call(personRoutes.negotiate, { params, body }, signal);
  const ruling = { outcome: 'share' as const, record: '会审纪要第 1 号' };
  const rule = () => competent.call(personRoutes.rule, { params, body: ruling }, signal);
  const hasty = await codeOf(rule());
  const record = { record: '双方未达成一致', workingDays: 5 };
  await competent.call(personRoutes.openReview, { params, body: record }, signal);
  const ruled = await rule();
  const supplyDue = dayOf(await matter(), 'agreement.supply');
  const { rulings } = await governance
    .as('mzEditor')
    .call(personRoutes.listRulings, { query: { limit: 100 } }, signal);

  tell('民政供数,税务取用,供数义务随之了结', 'the data is supplied and taken; the duty to supply ends');
  await writeFile(join(folder, 'mz-folder', '登记.csv'), sourceText());
  const mz = await startDemoAgent(processes, 'mz', 'mz-agent.yaml', join(folder, 'mz-state'), signal);
  await mz.run('supply', signal);
  const sw = await startDemoAgent(processes, 'sw', 'sw-agent.yaml', join(folder, 'sw-state'), signal);
  await sw.run('consume', signal);
  const names = (await readdir(join(folder, 'sw-folder'))).filter((name) => name.endsWith('.csv'));
  const [taken = ''] = await Promise.all(
    names.map((name) => readFile(join(folder, 'sw-folder', name), 'utf8')),
  );
  const owed = await processes.until(
    'platform',
    'the duty to supply is closed',
    async () => {
      const open = (await matter()).clocks.filter(({ kind }) => kind === 'agreement.supply').length;
      return open === 0 ? 'closed' : undefined;
    },
    signal,
  );
  await Promise.all([mz.close(), sw.close()]);
  return [
    check('R067 basis of an item missing', 'QZ_PLATFORM_ITEM_BASIS_REQUIRED', unstated),
    check('R060 reply due after 10 working days', dueIn(10), replyDue),
    check(
      'R077 approval before the confidentiality agreement',
      'QZ_PLATFORM_CONFIDENTIALITY_UNSIGNED',
      unsigned,
    ),
    check('R064 refusal without a reason', 'QZ_PLATFORM_REFUSAL_MISSING', silent),
    check('R028 refusal by an internal rule', 'QZ_PLATFORM_REFUSAL_INTERNAL_RULE', internal),
    check('items granted at first', items.join(' '), granted.items.join(' ')),
    check('R072 ruling before the joint review', 'QZ_MODEL_MATTER_ACT', hasty),
    check('R073 items after the ruling', [...items, 'phone'].join(' '), ruled.items.join(' ')),
    check('R074 supply due after 5 working days', dueIn(5), supplyDue),
    check(
      'R071 published',
      'uphold review',
      rulings
        .filter(({ agreement }) => agreement === id)
        .map(({ act }) => act)
        .join(' '),
    ),
    check('rows at 税务', ROWS, taken.trim().split('\n').length - 1),
    check('R074 supplied: the duty', 'closed', owed),
  ];
}

async function underGuangdong(parties: Parties, tell: Tell): Promise<SceneCheck[]> {
  const { governance, competent, signal } = parties;
  const [consumer, provider] = [governance.as('swAdmin'), governance.as('mzApprover')];
  tell(
    '改用广东 2018:主管部门会同提供部门审批,没有裁定程序',
    'now Guangdong 2018: the competent department decides with the provider; no ruling is foreseen',
  );
  await usePolicy(parties, 'guangdong-2018');
  const { id } = await consumer.call(personRoutes.apply, { body: application(GUANGDONG) }, signal);
  const params = { id };
  const matter = await consumer.call(personRoutes.showMatter, { params }, signal);
  const decide = () =>
    competent.call(personRoutes.refuse, { params, body: { reason: '与职责无关' } }, signal);
  const early = await codeOf(decide());
  const opinion = await provider.call(personRoutes.approve, { params, body: {} }, signal);
  const refused = await decide();
  const negotiate = consumer.call(personRoutes.negotiate, { params, body: { reason: '履职所需' } }, signal);
  const final = await codeOf(negotiate);
  const wanted = application(SECRET, { need: '查处偷税', itemBasis: { legal_person: BASIS, phone: BASIS } });
  const restricted = await codeOf(consumer.call(personRoutes.apply, { body: wanted }, signal));
  return [
    check('R058 reply owed by the competent department', 'null', String(matter.clocks[0]?.owner)),
    check('R058 reply due after 10 working days', dueIn(10), dayOf(matter, 'agreement.reply')),
    check('R058 decision before the provider was heard', 'QZ_PLATFORM_OPINION_MISSING', early),
    check("the provider's consent decides nothing alone", 'applied', opinion.state),
    check('the competent department decides', 'refused', refused.state),
    check('R070 negotiation where none is foreseen', 'QZ_MODEL_MATTER_NO_RULING', final),
    check('R138 what is not shared, where none is foreseen', 'QZ_MODEL_MATTER_NO_RULING', restricted),
  ];
}
