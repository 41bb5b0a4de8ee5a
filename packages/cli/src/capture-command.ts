import type { Capture, CapturePlan, CaptureSpec, CaptureStep } from '@qianzhi/agent';
import { Args, Flags } from '#oclif';
import { AgentCommand } from './agent-command.js';
import { canAsk } from './ask.js';
import { cliErrors } from './errors.js';
import { startsAnother } from './setup/capture-script.js';
import { withConnector } from './with-connector.js';

/** Each command says them itself: those of a class above it are not looked at. */
export const captureArgs = {
  connector: Args.string({
    required: true,
    description: '配置中的连接器名称 / name of a connector in the config',
  }),
};

/** What commands about capturing changes of a table have in common. */
export abstract class CaptureCommand extends AgentCommand {
  static override baseFlags = {
    ...AgentCommand.baseFlags,
    table: Flags.string({ required: true, summary: '业务表,可写 模式.表 / the table, or SCHEMA.TABLE' }),
    key: Flags.string({
      multiple: true,
      summary:
        '主键信息项的列,可多次;默认为表的主键 / column of a key item, repeatable; the primary key without it',
    }),
  };

  protected capturing<T>(
    config: string,
    connector: string,
    { table, key }: { readonly table: string; readonly key?: readonly string[] | undefined },
    work: (capture: Capture, spec: CaptureSpec) => Promise<T>,
  ): Promise<T> {
    return withConnector(config, connector, async ({ loaded, plugins }) => {
      const { agentErrors, findTable } = await import('@qianzhi/agent');
      const found = await findTable(loaded, plugins, connector, table, this.signal);
      if (!found) throw agentErrors.TABLE_UNKNOWN({ connector, table });
      await using connection = await plugins.open(connector, this.signal);
      const { capture } = connection;
      if (!capture) throw cliErrors.NO_CAPTURE({ connector });
      const { schema, table: name } = found;
      return work(capture, { table: name, ...(schema !== null && { schema }), ...(key && { key }) });
    });
  }

  /** Shows what is about to be run, and asks. Throws INPUT_NEEDED where nobody can be asked. */
  protected async agreed(
    steps: readonly CaptureStep[],
    yes: boolean,
    zh: string,
    en: string,
  ): Promise<boolean> {
    if (yes) return true;
    if (!canAsk()) throw cliErrors.INPUT_NEEDED({ what: this.say('确认', 'a confirmation'), flag: '--yes' });
    for (const [at, step] of steps.entries()) {
      if (startsAnother(steps, at)) this.logToStderr(this.say(step.zh, step.en));
      this.logToStderr(`  ${step.sql}`);
    }
    const { askYes } = await import('./ask.js');
    return askYes(this.say(zh, en), false);
  }

  /** What the exchange's part of the config has to say, to be put there. */
  protected showSource({ changeTable }: Pick<CapturePlan, 'changeTable'>): void {
    const fields = Object.entries(changeTable).map(([key, value]) => `${key}: ${JSON.stringify(value)}`);
    this.logToStderr(
      this.say('作业的配置(agent.yaml 的 exchanges):', 'in the exchange (exchanges in agent.yaml):'),
    );
    this.logToStderr(`  strategy: change-table\n  source: { …, changeTable: { ${fields.join(', ')} } }`);
  }

  protected showRun(steps: readonly CaptureStep[]): void {
    for (const [at, step] of steps.entries())
      if (startsAnother(steps, at)) this.log(`✓ ${this.say(step.zh, step.en)}`);
  }
}
