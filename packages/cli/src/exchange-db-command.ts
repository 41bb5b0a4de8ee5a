import type { PlannedExchangeDb } from '@qianzhi/agent';
import { currentLanguage } from '@qianzhi/model';
import { Args, Flags } from '#oclif';
import { AgentCommand } from './agent-command.js';
import { supplierOf } from './setup/exchange-questions.js';
import { type ConfiguredPlugins, withConnector } from './with-connector.js';

interface PlanFlags {
  readonly config: string;
  readonly connector: string;
  readonly side?: 'out' | 'in' | undefined;
}

/** What planning and making the tables of a 前置库 share. */
export abstract class ExchangeDbCommand extends AgentCommand {
  static override args = {
    resource: Args.string({ required: true, description: '资源代码,可多个 / resource codes' }),
  };
  static override flags = {
    connector: Flags.string({ required: true, summary: '前置库所在的连接器 / connector of the database' }),
    side: Flags.option({
      options: ['out', 'in'] as const,
      summary:
        '只要供出侧或取入侧;不写时已下达供数的建供出侧,已授权的建取入侧 / one side only; else out where ordered, in where granted',
    })(),
  };

  /** Plans, then works with the plan while the connector is at hand. */
  protected planned<T>(
    flags: PlanFlags,
    resources: readonly string[],
    work: (plan: PlannedExchangeDb, configured: ConfiguredPlugins) => Promise<T>,
  ): Promise<T> {
    return withConnector(flags.config, flags.connector, async (configured) => {
      const { knownOrders, planExchangeDb } = await import('@qianzhi/agent');
      const orders = await knownOrders(configured.loaded, this.signal);
      const wanted = { connector: flags.connector, resources: [...new Set(resources)], side: flags.side };
      return work(await planExchangeDb(configured.plugins, orders, wanted, this.signal), configured);
    });
  }

  /** The statements as a file of SQL, to be read and kept. */
  protected sqlText({ connector, tables }: PlannedExchangeDb): string {
    return tables
      .map(({ resource, side, statements, grants, terminator }) => {
        const end = terminator === undefined ? ';' : `\n${terminator}`;
        const sides = { out: this.say('供出侧', 'out'), in: this.say('取入侧', 'in') };
        const head = this.say(
          `-- 前置库:资源 ${lineOf(resource.name)}(${resource.code}),${sides[side]},连接器 ${connector}`,
          `-- exchange tables: resource ${resource.code}, ${sides[side]}, connector ${connector}`,
        );
        let before = '';
        const body = statements.map(({ about, sql }) => {
          const text = about[currentLanguage()];
          const comment = text === before ? '' : `-- ${text}\n`;
          before = text;
          return `${comment}${sql}${end}`;
        });
        return [head, ...body, ...this.grantLines(grants)].join('\n');
      })
      .join('\n\n');
  }

  /** As comments: whom they are for is not known here. */
  private grantLines(grants: readonly string[]): string[] {
    if (grants.length === 0) return [];
    const head = this.say(
      '-- 建好后另授权业务系统自己的用户(换成其用户名):',
      '-- afterwards, for the login of the systems of the department:',
    );
    return [head, ...grants.map((sql) => `-- ${sql} TO ${this.say('用户', '…')};`)];
  }

  /** The exchanges over the tables, for agent.yaml. */
  protected async configText({ tables }: PlannedExchangeDb): Promise<string> {
    const { stringify } = await import('yaml');
    return stringify({ exchanges: tables.map(({ exchange }) => exchange) }, { lineWidth: 0 }).trimEnd();
  }

  /** An agent has one stream of a resource: the block is refused beside another supply of it. */
  protected warnOfSuppliers({ tables }: PlannedExchangeDb, configured: ConfiguredPlugins): void {
    for (const { side, resource } of tables) {
      const other = side === 'out' ? supplierOf(configured, resource) : undefined;
      if (other)
        this.logToStderr(
          this.say(
            `! 资源 ${resource.code} 已由作业 ${other.name} 供给:采用上面的配置前先在 agent.yaml 中去掉它`,
            `! resource ${resource.code} is supplied by exchange ${other.name}: take it out of agent.yaml before the block above goes in`,
          ),
        );
    }
  }

  protected answer({ connector, tables, existing }: PlannedExchangeDb) {
    return {
      connector,
      existing,
      tables: tables.map(({ resource, side, tables: names, statements, grants, exchange }) => ({
        resource: resource.code,
        side,
        tables: names,
        sql: statements.map(({ sql }) => sql),
        grants,
        exchange,
      })),
    };
  }
}

/** A name on one line: what follows a comment must not become SQL. */
function lineOf(name: string): string {
  return name.replace(/[\p{Cc}\u2028\u2029]/gu, ' ');
}
