import type { AgentControl, AgentPlace } from '@qianzhi/agent/control';
import { isQianzhiError } from '@qianzhi/model';
import { Flags } from '#oclif';
import { QianzhiCommand } from './qianzhi-command.js';

/** A command for the front-end machine: it goes by the config file there, and talks to the agent running on it. */
export abstract class AgentCommand extends QianzhiCommand {
  static override baseFlags = {
    config: Flags.string({
      helpGroup: 'GLOBAL',
      summary: '配置文件 / the config file',
      env: 'QZ_CONFIG',
      default: 'agent.yaml',
    }),
  };

  /** See `askAgent`. */
  protected withAgent<T>(
    config: string,
    work: (agent: AgentControl, place: AgentPlace) => Promise<T>,
  ): Promise<T> {
    return askAgent(config, work);
  }

  /**
   * Has the running agent take the config just written; `refused` is reported, with the exit code it stands for, and the command
   * goes on: what it wrote is written.
   */
  protected async takeConfig(config: string): Promise<Taken> {
    const { controlRoutes } = await import('@qianzhi/agent/control');
    try {
      await this.withAgent(config, (agent) => agent.call(controlRoutes.reload, {}, this.signal));
      return 'taken';
    } catch (error) {
      if (isQianzhiError(error, 'QZ_AGENT_NOT_RUNNING')) return 'not-running';
      if (!isQianzhiError(error) || error.kind === 'cancelled') throw error;
      this.reportFailure(error);
      return 'refused';
    }
  }
}

/** What became of a config that was written while an agent may run. */
export type Taken = 'taken' | 'refused' | 'not-running';

/** Runs `work` with the running agent of a config. Throws QZ_AGENT_NOT_RUNNING, QZ_AGENT_CONFIG_MISSING. */
export async function askAgent<T>(
  config: string,
  work: (agent: AgentControl, place: AgentPlace) => Promise<T>,
): Promise<T> {
  const { connectAgent, readRunningPlace } = await import('@qianzhi/agent/control');
  const place = await readRunningPlace(config);
  const agent = connectAgent(place.stateDir);
  try {
    return await work(agent, place);
  } finally {
    await agent.close();
  }
}
