import { type AuditRecord, agentRoutes, personRoutes } from '@qianzhi/model';
import type { PlatformContext } from '../server/context.js';
import type { Api } from '../server/serve.js';
import type { AuditArchive } from './archive.js';
import type { AuditHeads } from './heads.js';

export function bindAudit(
  api: Api,
  { db, audit }: Pick<PlatformContext, 'db' | 'audit'>,
  heads: AuditHeads,
  archive: AuditArchive,
): void {
  api.servePerson(personRoutes.listAudit, async ({ query: { before, from, to, limit, ...exact } }) => {
    const rows = db('audit').orderBy('seq', 'desc').limit(limit);
    for (const [column, value] of Object.entries(exact)) {
      if (value !== undefined) rows.where(column, value);
    }
    if (before !== undefined) rows.where('seq', '<', before);
    // as they are written, for they are compared as texts
    if (from !== undefined) rows.where('at', '>=', new Date(from).toISOString());
    if (to !== undefined) rows.where('at', '<=', new Date(to).toISOString());
    return { entries: (await rows) as AuditRecord[] };
  });

  api.servePerson(personRoutes.exportAudit, async ({ caller, query: { after, limit } }) => {
    if (after === 0)
      await audit.record({ actor: caller, action: 'audit.export', object: 'audit', outcome: 'done' });
    const rows = db('audit').where('seq', '>', after).orderBy('seq').limit(limit);
    return { entries: (await rows) as AuditRecord[] };
  });

  api.servePerson(personRoutes.auditHeads, async () => ({
    current: await heads.current(),
    archived: await archive.heads(),
    agents: await heads.ofAgents(),
  }));

  api.serveAgent(agentRoutes.exchangeAuditHeads, async ({ caller, body }) => {
    await heads.take(caller, body.heads);
    return { head: await heads.current() };
  });
}
