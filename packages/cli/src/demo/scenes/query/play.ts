import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isCitizenId, isQianzhiError, type Lookup, personRoutes, type QueryResult } from '@qianzhi/model';
import { startDemoAgent } from '../../agents.js';
import { type Stage, withStage } from '../../stage.js';
import { changeDocument } from '../../tamper.js';
import { check, type Scene, type SceneCheck, type SceneOptions, sceneResult } from '../scene.js';
import { equalRows, judgeEvidence } from './judge.js';
import { addQueryServices } from './stage.js';

const VILLAGES = 1_000;

export const queryScene: Scene = {
  tampers: ['answer', 'log', 'receipt'],
  async play(options, signal) {
    const startedAt = Date.now();
    const checks = await withStage(
      options,
      addQueryServices,
      (stage) => play(stage, options, signal),
      signal,
    );
    return sceneResult('query', checks, startedAt);
  },
};

async function play(
  stage: Stage,
  { tamper, tell }: SceneOptions,
  signal: AbortSignal,
): Promise<SceneCheck[]> {
  const { folder, databases, governance, processes } = stage;
  const checks: SceneCheck[] = [];
  const shown: QueryResult[] = [];
  const asker = governance.as('swEditor');

  async function ask(
    resource: string,
    service: string,
    lookups: Lookup[],
    timeoutMs = 15_000,
  ): Promise<QueryResult> {
    const body = { lookups, matter: '税源管理', timeoutMs };
    const input = { params: { resource, service }, body, waitMs: timeoutMs };
    const result = await asker.call(personRoutes.query, input, signal);
    shown.push(result);
    return result;
  }
  const codeOf = (work: Promise<unknown>): Promise<string> =>
    work.then(
      () => 'answered',
      (error) => {
        if (isQianzhiError(error)) return error.code;
        throw error;
      },
    );

  async function apply(
    resource: string,
    items: string[],
    masks: Record<string, 'name' | 'id-6-4'>,
    quota = {},
  ) {
    const purpose = {
      usage: 'administrative-basis' as const,
      matter: '税源管理',
      legalBasis: '税收征收管理法第六条',
    };
    const body = { resource, items, masks, purpose, modes: ['online-query' as const], quota };
    return governance.as('swAdmin').call(personRoutes.apply, { body }, signal);
  }

  tell(
    '民政前置机启动,自内向外连接平台;不监听任何端口',
    'the agent of civil affairs connects from inside out; it listens to nobody',
  );
  const mz = await startDemoAgent(processes, 'mz-agent', 'mz-agent.yaml', join(folder, 'mz-state'), signal);
  await mz.run('supply-city', signal);
  const [first] = await firstRows(databases.mz.xzqh, 1);
  checks.push(
    check(
      'refused-without-agreement',
      'QZ_PLATFORM_QUERY_NO_AGREEMENT',
      await codeOf(ask('xzqh_village', 'by-code', [{ code: first!.code! }])),
    ),
  );

  tell(
    '税务取得联机查询协议;一次查 1,000 个区划代码',
    'taxation holds an agreement to query; 1,000 codes at once',
  );
  const agreement = await apply('xzqh_village', [], {});
  await processes.until(
    'mz-agent',
    'the first answer',
    async () => {
      const code = await codeOf(ask('xzqh_village', 'by-code', [{ code: first!.code! }]));
      return code === 'QZ_PLATFORM_QUERY_PROVIDER_OFFLINE' ? undefined : code;
    },
    signal,
  );
  const villages = await firstRows(databases.mz.xzqh, VILLAGES);
  const many = await ask(
    'xzqh_village',
    'by-code',
    villages.map(({ code }) => ({ code: code! })),
  );
  const sql = `SELECT code, name, "streetCode" AS street_code FROM village WHERE code IN (SELECT code FROM village ORDER BY code LIMIT ${VILLAGES})`;
  const compared = await equalRows(databases.mz.xzqh, sql, [many]);
  checks.push(
    check('values-as-in-the-source', compared.source, compared.equal),
    check('thousand-keys-complete', true, many.complete && many.rows === VILLAGES),
  );

  const street = first!.street!;
  const part = await ask('xzqh_village', 'by-street', [{ street }]);
  const whole = await equalRows(
    databases.mz.xzqh,
    `SELECT code FROM village WHERE "streetCode" = '${street}'`,
    [],
  );
  checks.push(check('a-part-is-never-shown-as-complete', whole.source <= part.rows, part.complete));

  tell(
    '有条件共享的信息项:审批前不返回,审批后脱敏',
    'conditional items: none before approval, masked after it',
  );
  await apply('social_group', [], {});
  // some of the register are deliberately wrong, and would be left out
  const group = (await groups(databases.mz.shzz)).find(({ id }) => isCitizenId(id ?? ''));
  const cert = [{ cert_no: group!.cert! }];
  const before = await ask('social_group', 'by-cert-no', cert);
  checks.push(check('granted-items-only', 'social_group_cert_no org_name reg_date', before.items.join(' ')));
  const wanted = await apply('social_group', ['legal_rep_name', 'legal_rep_id_no'], {
    legal_rep_name: 'name',
    legal_rep_id_no: 'id-6-4',
  });
  await governance
    .as('mzApprover')
    .call(personRoutes.approve, { params: { id: wanted.id }, body: {} }, signal);
  const after = await ask('social_group', 'by-cert-no', cert);
  const shownId = after.values[0]![after.items.indexOf('legal_rep_id_no')];
  const masked = `${group!.id!.slice(0, 6)}${'*'.repeat(group!.id!.length - 10)}${group!.id!.slice(-4)}`;
  checks.push(check('masked-before-it-leaves', masked, shownId ?? ''));

  tell(
    '慢查询不影响别的查询;撤销协议在一秒内终止它',
    'a slow question harms no other; a revocation ends it within a second',
  );
  const slow = codeOf(ask('xzqh_village', 'slow', [{ code: first!.code! }], 60_000));
  const quick: QueryResult[] = [];
  for (const { code } of villages.slice(0, 20))
    quick.push(await ask('xzqh_village', 'by-code', [{ code: code! }]));
  checks.push(
    check('slow-harms-no-other', 20, quick.filter(({ complete, rows }) => complete && rows === 1).length),
  );
  const revoked = governance
    .as('officer')
    .call(personRoutes.revoke, { params: { id: agreement.id }, body: { reason: '演示' } }, signal);
  const at = Date.now();
  await revoked;
  checks.push(check('revocation-ends-what-runs', 'QZ_PLATFORM_QUERY_REVOKED', await slow));
  checks.push(check('within-a-second', true, Date.now() - at < 1_000));

  tell(
    '配额四种方式合计;供数方断线即如实说明',
    'a quota counts over all modes; a provider that is gone is told as it is',
  );
  await apply('xzqh_village', [], {}, { requestsPerMinute: 1 });
  const code = first!.code!;
  const answered = await codeOf(ask('xzqh_village', 'by-code', [{ code }]));
  const over = await codeOf(ask('xzqh_village', 'by-code', [{ code }]));
  checks.push(check('quota', 'answered QZ_PLATFORM_QUOTA_USED', `${answered} ${over}`));
  process.kill(processes.pids()['mz-agent']!, 'SIGKILL');
  const gone = await processes.until(
    'platform',
    'the provider is known to be gone',
    async () => {
      const told = await codeOf(ask('social_group', 'by-cert-no', cert));
      // what was under way as it went is told so
      return told === 'answered' || told === 'QZ_PLATFORM_QUERY_TUNNEL_LOST' ? undefined : told;
    },
    signal,
  );
  checks.push(check('offline-is-told', 'QZ_PLATFORM_QUERY_PROVIDER_OFFLINE', gone));

  tell(
    '平台持有的数据由平台按主键答复,并说明时点;供数方断线时仍可查',
    'what the platform holds it answers by key, saying as of when; also while the provider is gone',
  );
  await apply('xzqh_city', [], {});
  const cities = await all(databases.mz.xzqh, 'SELECT code, name FROM city');
  const held = await ask(
    'xzqh_city',
    'held',
    cities.map((city) => ({ code: city.code! })),
  );
  const citiesNow = await equalRows(databases.mz.xzqh, 'SELECT code, name FROM city', [held]);
  const { agent, states = [], answeredAt } = held.answer!.body;
  const supplier = many.answer!.body.agent;
  const moments = states.filter(
    (one) => one.agent === supplier && one.storedAt < answeredAt && one.behind === 0,
  );
  checks.push(
    check('platform-answers-what-it-holds', citiesNow.source, citiesNow.equal),
    check('platform-says-as-of-when', 'platform 1', `${agent} ${moments.length}`),
  );

  await damage(tamper, folder, shown);
  checks.push(...(await judgeEvidence(governance.as('auditor'), join(folder, 'mz-state'), shown, signal)));
  await governance.close();
  return checks;
}

/** What must be found: a changed value of an answer, a changed line of the provider's log, a changed receipt of the platform. */
async function damage(tamper: string | undefined, folder: string, shown: QueryResult[]): Promise<void> {
  if (tamper === 'answer') {
    const [one] = shown;
    const [row] = one!.values;
    shown[0] = { ...one!, values: [[row![0]!, `${row![1]}。`, ...row!.slice(2)]] };
  }
  if (tamper === 'receipt') changeDocument(join(folder, 'platform'), 'receipt');
  if (tamper !== 'log') return;
  const logs = join(folder, 'mz-state', 'queries');
  const file = join(logs, (await readdir(logs)).sort()[0]!);
  await writeFile(file, (await readFile(file, 'utf8')).replace(/"rows":(\d+)/, '"rows":1$1'));
}

type Row = Readonly<Record<string, string | null>>;

async function firstRows(database: Stage['databases']['mz']['xzqh'], count: number): Promise<Row[]> {
  return all(database, `SELECT code, "streetCode" AS street FROM village ORDER BY code LIMIT ${count}`);
}

async function groups(database: Stage['databases']['mz']['shzz']): Promise<Row[]> {
  return all(database, `SELECT "DJZH" AS cert, "FDDBRZJHM" AS id FROM sh_shtt ORDER BY "DJZH"`);
}

async function all(database: Stage['databases']['mz']['xzqh'], sql: string): Promise<Row[]> {
  const found: Row[] = [];
  for await (const rows of database.rows(sql)) found.push(...rows);
  return found;
}
