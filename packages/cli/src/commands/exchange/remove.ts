import { setTimeout as pause } from 'node:timers/promises';
import type { ExchangeRemoval } from '@qianzhi/agent';
import { type AgentControl, controlRoutes } from '@qianzhi/agent/control';
import { isQianzhiError, isSupply } from '@qianzhi/model';
import { Args, Flags } from '#oclif';
import { AgentCommand } from '../../agent-command.js';
import { confirmed } from '../../ask.js';
import { counted } from '../../counted.js';
import { withConfig } from '../../with-connector.js';

const ASK_EVERY_MS = 300;

export default class ExchangeRemove extends AgentCommand {
  static override summary =
    '删除交换作业:显示其状态,从配置中删去 / remove an exchange: show where it is, take it out of the config';
  static override description = [
    '供给的数据有批次尚无平台签收时不删除;--discard 放弃这些批次,须前置机正在运行,此后再供给从全量开始。不加 --discard 删除的,重新新增后从断点继续。',
    '目标表、来源表与隔离区中的行不动。没有终端时须加 --yes。',
    'A supply with batches that have no receipt of the platform is not removed; --discard gives them up, which takes the running agent, and supplying it again begins with a whole copy. One removed without it goes on where it was when it is added again.',
    'Target, source and quarantined rows stay as they are. Without a terminal it takes --yes.',
  ].join('\n');
  static override examples = [
    '<%= config.bin %> exchange remove supply-area',
    '<%= config.bin %> exchange remove supply-area --discard --yes',
  ];
  static override args = {
    exchange: Args.string({ required: true, description: '作业名称 / name of the exchange' }),
  };
  static override flags = {
    discard: Flags.boolean({
      summary: '放弃已封装而未签收的数据 / give up sealed data that has no receipt',
    }),
    yes: Flags.boolean({ summary: '不提问 / ask nothing' }),
  };

  async run() {
    const { args, flags } = await this.parse(ExchangeRemove);
    const { planExchangeRemoval, requireSent, writeChange } = await import('@qianzhi/agent');
    const removal = await withConfig(flags.config, ({ context }) =>
      planExchangeRemoval(flags.config, args.exchange, context),
    );
    const { file } = removal.change;
    if (!flags.discard) requireSent(removal);
    // only the running agent gives data up: better said before anything is written
    else if (isSupply(removal.exchange))
      await this.withAgent(flags.config, (agent) => agent.call(controlRoutes.status, {}, this.signal));
    for (const line of this.stateLines(removal)) this.logToStderr(line);
    const question = this.say(`删除作业 ${args.exchange}?`, `remove exchange ${args.exchange}?`);
    await confirmed(question, flags.yes, this.words);
    // before it is out of the config: what cannot be given up now is asked for again by the same command
    const discarded = flags.discard ? await this.discard(flags.config, removal) : null;
    await writeChange(removal.change);
    this.log(
      this.say(`✓ 已从 ${file} 删去作业 ${args.exchange}`, `✓ took exchange ${args.exchange} out of ${file}`),
    );
    const taken = await this.takeConfig(flags.config);
    if (taken === 'not-running')
      this.logToStderr(
        this.say(
          '前置机未运行,下次启动时生效',
          'the agent is not running; it is in force with the next start',
        ),
      );
    return { exchange: args.exchange, file, state: removal.state, discarded, agent: taken };
  }

  private stateLines({ exchange, state }: ExchangeRemoval): string[] {
    const { batches, waitingBatches, waitingBytes, unheldReceipts, quarantined } = state;
    const resource = isSupply(exchange) ? exchange.supply : exchange.consume;
    const lines = isSupply(exchange)
      ? [
          this.say(
            `供给 ${resource}:已封装 ${batches} 批,其中 ${waitingBatches} 批(${waitingBytes} 字节)尚无平台签收`,
            `supplies ${resource}: ${counted(batches, 'batch', 'batches')} sealed, ${waitingBatches} of them (${waitingBytes} bytes) without receipt of the platform`,
          ),
        ]
      : [
          this.say(
            `取用 ${resource}:已应用 ${batches} 批,${unheldReceipts} 份凭证待交平台(运行中的前置机会交齐)`,
            `consumes ${resource}: ${counted(batches, 'batch', 'batches')} applied, ${counted(unheldReceipts, 'receipt')} still to be handed to the platform (the running agent does)`,
          ),
        ];
    if (quarantined > 0)
      lines.push(
        this.say(
          `隔离区有 ${quarantined} 行未导出:qianzhi quarantine export --out 文件`,
          `${counted(quarantined, 'row')} in quarantine not exported: qianzhi quarantine export --out FILE`,
        ),
      );
    return lines;
  }

  /** Runs of the exchange end first: what they seal is given up, too. */
  private discard(config: string, { exchange, state }: ExchangeRemoval): Promise<number | null> {
    if (!isSupply(exchange) || state.batches === 0) return Promise.resolve(null);
    const { name, supply } = exchange;
    return this.withAgent(config, async (agent) => {
      const batches = await discardOf(agent, name, supply, this.signal);
      this.logToStderr(
        this.say(
          `已放弃 ${batches} 批未签收的数据;再供给 ${supply}:qianzhi exchange add 之后执行 qianzhi agent recover,从全量开始`,
          `gave up ${counted(batches, 'batch', 'batches')} without receipt; to supply ${supply} again run qianzhi exchange add, then qianzhi agent recover: it begins with a whole copy`,
        ),
      );
      return batches;
    });
  }
}

/** Answers how many batches were given up. */
async function discardOf(
  agent: AgentControl,
  exchange: string,
  resource: string,
  signal: AbortSignal,
): Promise<number> {
  for (;;) {
    await endRuns(agent, exchange, signal);
    try {
      const request = { params: { stream: resource }, body: { exchange } };
      return (await agent.call(controlRoutes.discard, request, signal)).batches;
    } catch (error) {
      // an exchange without an end began its next run
      if (!isQianzhiError(error, 'QZ_ENGINE_EXCHANGE_BUSY')) throw error;
    }
  }
}

async function endRuns(agent: AgentControl, exchange: string, signal: AbortSignal): Promise<void> {
  const cancelled = new Set<string>();
  for (;;) {
    const { jobs } = await agent.call(controlRoutes.jobs, { query: { exchange, limit: 50 } }, signal);
    const open = jobs.filter(({ state }) => state === 'running' || state === 'queued' || state === 'waiting');
    if (open.length === 0) return;
    for (const { id } of open)
      if (!cancelled.has(id))
        await agent.call(controlRoutes.cancelJob, { params: { job: id } }, signal).then(
          () => cancelled.add(id),
          (error: unknown) => {
            // it ended meanwhile
            if (!isQianzhiError(error, 'QZ_ENGINE_JOB_NOT_CANCELLED')) throw error;
          },
        );
    await pause(ASK_EVERY_MS, undefined, { signal });
  }
}
