import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createClient, type FetchedDownload, fetchDownload, personDownloads } from '@qianzhi/client';
import { type DownloadRequest, isQianzhiError, personRoutes } from '@qianzhi/model';
import { startDemoAgent } from '../../agents.js';
import { changeLegacy } from '../../legacy.js';
import { type Stage, withStage } from '../../stage.js';
import { changeDocument } from '../../tamper.js';
import { check, type Scene, type SceneCheck, type SceneOptions, sceneResult } from '../scene.js';
import { changedKeys, isProven, leftWithin, linesOf, sourceStreets, traceFile } from './judge.js';

const RESOURCE = 'xzqh_street';

/** 部门批量下载: files under an agreement, proven from the files, the database and signed documents alone. */
export const downloadScene: Scene = {
  tampers: ['file', 'manifest', 'receipt'],
  async play(options, signal) {
    const startedAt = Date.now();
    const checks = await withStage(
      options,
      async () => undefined,
      (stage) => play(stage, options, signal),
      signal,
    );
    return sceneResult('download', checks, startedAt);
  },
};

async function play(
  stage: Stage,
  { tamper, tell }: SceneOptions,
  signal: AbortSignal,
): Promise<SceneCheck[]> {
  const { folder, url, databases, governance, processes } = stage;
  const asker = governance.as('swAdmin');
  const links = createClient({ url, identity: { kind: 'anonymous' } });
  const door = personDownloads(asker, links);
  const request = (more: Partial<DownloadRequest> = {}): DownloadRequest => ({
    resource: RESOURCE,
    format: 'jsonl',
    encoding: 'utf-8',
    header: 'columns',
    ...more,
  });
  const fetchInto = (name: string, more: Partial<DownloadRequest> = {}) =>
    fetchDownload(door, request(more), { folder: join(folder, name) }, signal);
  const codeOf = (work: Promise<unknown>) =>
    work.then(
      () => 'answered',
      (error) => {
        if (isQianzhiError(error)) return error.code;
        throw error;
      },
    );

  tell('民政供乡级行政区划', 'civil affairs supplies the divisions of the fourth level');
  const mz = await startDemoAgent(processes, 'mz-agent', 'mz-agent.yaml', join(folder, 'mz-state'), signal);
  await mz.run('supply-street', signal);
  const early = await codeOf(door.request(request(), signal));

  tell('税务申请批量下载,取三个信息项', 'taxation applies for downloads of three items');
  const purpose = { usage: 'work-reference' as const, matter: '税源属地管理', legalBasis: '' };
  const items = ['code', 'name', 'area_code'];
  const modes = ['batch-download' as const];
  const applied = await asker.call(
    personRoutes.apply,
    { body: { resource: RESOURCE, items, purpose, modes, quota: { requestsPerDay: 5 } } },
    signal,
  );
  tell('下载全量两次:内容相同,行序各不相同', 'the whole twice: the same rows, each in an order of its own');
  const whole = await fetchInto('whole');
  const again = await fetchInto('again', { format: 'csv' });
  const before = await sourceStreets(databases.mz.xzqh);

  tell('业务库以普通 SQL 改动;只取变化', 'plain SQL changes rows; only the changes are fetched');
  await changeLegacy(databases);
  await mz.run('supply-street', signal);
  const changes = await fetchInto('changes', { since: 'last' });
  const after = await sourceStreets(databases.mz.xzqh);

  await damage(folder, tamper, whole);
  tell('文件外流:取一部分、删列;重新排序后', 'a file leaks: a part of it, fewer columns; and sorted again');
  const leaked = (await readFile(again.file, 'utf8')).split('\r\n').slice(1, -1);
  await mkdir(join(folder, 'leaked'));
  const leak = async (name: string, lines: readonly string[]) => {
    const file = join(folder, 'leaked', name);
    await writeFile(
      file,
      `code,name\n${lines.map((one) => one.split(',').slice(0, 2).join(',')).join('\n')}\n`,
    );
    return traceFile(governance.as('officer'), file, folder, signal);
  };
  const part = await leak(
    'part.csv',
    leaked.filter((_, n) => n % 2 === 0),
  );
  const sorted = await leak('sorted.csv', [...leaked].sort());

  tell('逐项核对:文件、源库、签名凭证', 'proof from the files, the source and signed documents');
  const auditor = governance.as('auditor');
  const { keys } = await auditor.call(personRoutes.keyDirectory, {}, signal);
  const { operations } = await auditor.call(
    personRoutes.listOperations,
    { query: { mode: 'batch-download' } },
    signal,
  );
  const files = [whole, again, changes];
  const proven = [];
  for (const one of files) proven.push(await isProven(one, operations, keys));
  const rows = await linesOf(whole.file);
  const equal = rows.filter(({ code, ...rest }) => JSON.stringify(rest) === before.get(code ?? '')).length;
  const quota = await codeOf(
    fetchInto('quota')
      .then(() => fetchInto('quota'))
      .then(() => fetchInto('quota')),
  );

  await governance
    .as('officer')
    .call(personRoutes.revoke, { params: { id: applied.id }, body: { reason: '演示' } }, signal);
  const late = await codeOf(door.open(whole.manifest.body.download, 0, signal));
  const kept = await leftWithin(join(folder, 'platform', 'downloads'), 5_000);
  await Promise.all([mz.close(), links.close(), governance.close()]);
  return [
    check('refused-without-agreement', 'QZ_PLATFORM_DOWNLOAD_NOT_GRANTED', early),
    check('rows-of-the-source', before.size, equal),
    check('no-other-rows', before.size, rows.length),
    check('granted-items-only', items.join(' '), Object.keys(rows[0] ?? {}).join(' ')),
    check(
      'each-download-its-own-order',
      false,
      sameOrder(
        rows.map(({ code }) => code),
        leaked,
      ),
    ),
    check(
      'changes-only',
      changedKeys(before, after).join(' '),
      (await linesOf(changes.file))
        .map(({ _change, code }) => `${_change}${code}`)
        .sort()
        .join(' '),
    ),
    check('digest-manifest-receipt-hold', files.length, proven.filter(Boolean).length),
    check(
      'part-of-a-leak-is-traced',
      `identified ${again.manifest.body.download}`,
      `${part.verdict} ${part.candidates[0]?.download}`,
    ),
    check('sorted-leak-is-not-claimed', 'undetermined', sorted.verdict),
    check('quota-over-requests', 'QZ_PLATFORM_QUOTA_USED', quota),
    check('revoked-at-once', 'QZ_PLATFORM_DOWNLOAD_REVOKED', late),
    check('files-gone-after-revocation', 0, kept),
  ];
}

function sameOrder(codes: readonly (string | null | undefined)[], lines: readonly string[]): boolean {
  return codes.join() === lines.map((line) => line.split(',')[0]).join();
}

/** What `--tamper` does, to the consumer's files or the platform's tables. */
async function damage(
  folder: string,
  tamper: string | undefined,
  { file, manifestFile }: FetchedDownload,
): Promise<void> {
  if (tamper === 'file') {
    const bytes = await readFile(file);
    const at = bytes.length - 10;
    bytes[at] = bytes[at]! ^ 1;
    await writeFile(file, bytes);
  }
  if (tamper === 'manifest') {
    const text = await readFile(manifestFile, 'utf8');
    await writeFile(manifestFile, text.replace('"matter": "税源属地管理"', '"matter": "其他事项"'));
  }
  if (tamper === 'receipt') changeDocument(join(folder, 'platform'), 'receipt');
}
