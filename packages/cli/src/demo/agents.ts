import { type AgentControl, connectAgent, controlRoutes } from '@qianzhi/agent';
import { isQianzhiError } from '@qianzhi/model';
import type { Processes } from './processes.js';

type JobInfo = Awaited<ReturnType<typeof showJob>>;
const showJob = (control: AgentControl, job: string, signal: AbortSignal) =>
  control.call(controlRoutes.showJob, { params: { job } }, signal);

/** One running agent, driven over its local socket as the CLI does. */
export interface DemoAgent {
  readonly name: string;
  /** Runs an exchange once; resolves when the job has ended or stopped, whatever came of it. */
  run(exchange: string, signal: AbortSignal): Promise<JobInfo>;
  sync(signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

const ENDED = new Set(['done', 'failed', 'cancelled']);

export async function startDemoAgent(
  processes: Processes,
  name: string,
  config: string,
  stateDir: string,
  signal: AbortSignal,
): Promise<DemoAgent> {
  processes.start(name, ['agent', 'start', '--config', config]);
  const control = connectAgent(stateDir);
  await processes.until(name, `agent start (${name})`, () => online(control, signal), signal);
  return {
    name,
    async run(exchange, inner) {
      const job = await control.call(controlRoutes.runJob, { params: { exchange } }, inner);
      return processes.until(
        name,
        `${name} ${exchange}`,
        async () => {
          const now = await showJob(control, job.id, inner);
          return ENDED.has(now.state) ? now : undefined;
        },
        inner,
      );
    },
    async sync(inner) {
      await control.call(controlRoutes.sync, {}, inner);
    },
    close: () => control.close(),
  };
}

async function online(control: AgentControl, signal: AbortSignal): Promise<true | undefined> {
  try {
    const status = await control.call(controlRoutes.status, {}, signal);
    return status.link.online || undefined;
  } catch (error) {
    if (isQianzhiError(error, 'QZ_AGENT_NOT_RUNNING')) return undefined;
    throw error;
  }
}
