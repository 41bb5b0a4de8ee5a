import { type Assignments, queryName } from '@qianzhi/model';
import type { LoadedConfig } from '../config/load.js';
import { agentErrors } from '../errors.js';
import type { AgentPlugins } from '../plugins.js';
import { skippedFor } from './connectors.js';
import { type DoctorFinding, finding, ok, skipped, warning } from './finding.js';

interface Known {
  readonly working: ReadonlySet<string>;
  readonly isWrong: (pointer: string) => boolean;
}

/** Has the database prepare each configured question, by the catalog entries this agent holds. Reads no row. */
export async function* checkQueries(
  { config }: LoadedConfig,
  plugins: AgentPlugins,
  { supply, agent }: Assignments,
  { working, isWrong }: Known,
  signal: AbortSignal,
): AsyncGenerator<DoctorFinding> {
  for (const [index, local] of config.queries.entries()) {
    const name = queryName(local);
    const check = `query ${name}`;
    const resource = supply.find(({ duty }) => duty.body.resource === local.resource)?.resource;
    if (isWrong(`/queries/${index}`)) yield skippedFor(check);
    else if (!resource)
      yield warning(check, agentErrors.QUERY_UNASSIGNED({ service: name, resource: local.resource, agent }));
    else if (!working.has(local.connector))
      yield skipped(
        check,
        `连接器 ${local.connector} 可用后再查`,
        `looked at when connector ${local.connector} works`,
      );
    else
      yield await finding(check, async () => {
        const { spec } = plugins.mode(local.mode).answering!.prepare(local, resource);
        await using connection = await plugins.open(local.connector, signal);
        await using query = await connection.query!(spec, signal);
        return query.usable
          ? ok(check, '数据库接受该查询', 'the database takes the question')
          : skipped(check, '会话已断开', 'its session is gone');
      });
  }
}
