import { setTimeout as pause } from 'node:timers/promises';
import type { AgentControl, ReconcileResult, RunningReconciliation } from '@qianzhi/agent/control';
import { fromProblem } from '@qianzhi/model';
import { Args, Flags } from '#oclif';
import { AgentCommand } from '../agent-command.js';
import { cliErrors } from '../errors.js';
import { createProgressLine } from '../progress.js';
import { isEqual, kindText, resultLines, stepText } from '../reconcile-text.js';

/** Exit code where keys differ: that of data that does not fit. */
const DIFFERS = 8;
const ASK_EVERY_MS = 500;

/** They come in the order of their digests. */
function inOrder(keys: ReconcileResult['keys']): ReconcileResult['keys'] {
  return keys.toSorted((a, b) => a.kind.localeCompare(b.kind) || (a.key < b.key ? -1 : 1));
}

export default class Reconcile extends AgentCommand {
  static override summary = '与对方逐行对账,列出不一致的主键 / compare every row with the other side';
  static override description = [
    '供数方与用数方都可发起;两侧各自读取全表并以会话密钥摘要,平台只转递密封消息。比对前两侧先追平数据流(来源按 snapshot 读取时除外),差异在再次追平后复核,仍在途中的变化不算差异。',
    '--repair:由供数方按正常途径重发缺少与不同的行,并删除用数方多出的主键,然后复核。来源中被拒绝的行(待修正)不修复(查看:qianzhi quarantine list)。有差异时退出码为 8。',
    'Either side may begin it. Both read their whole table and digest it under a key of the session; the platform passes on sealed messages. The streams catch up first (except for sources read by snapshot), and differences are looked at again after another time: what is on its way is none.',
    'With --repair the provider sends missing and changed rows again through the normal path and deletes keys that only the consumer has; then the keys are looked at again. Rows rejected at the source (stale) are not repaired (see `qianzhi quarantine list`). The exit code is 8 where keys differ.',
  ].join('\n');
  static override examples = [
    '<%= config.bin %> reconcile xzqh_area',
    '<%= config.bin %> reconcile xzqh_area --repair --json',
    '<%= config.bin %> reconcile xzqh_area --last --limit 1000',
  ];
  static override args = {
    resource: Args.string({ required: true, description: '资源代码 / resource code' }),
  };
  static override flags = {
    agreement: Flags.string({
      summary: '只与该协议的用数方对账 / only with the consumer of this agreement',
    }),
    repair: Flags.boolean({
      summary: '修复不一致的行 / send differing rows again',
      exclusive: ['last'],
    }),
    last: Flags.boolean({
      summary: '显示上次结果,不重新对账 / show the last result, compare nothing',
    }),
    limit: Flags.integer({
      default: 50,
      min: 0,
      max: 1_000_000,
      summary: '最多列出的主键 / keys to list at most',
    }),
  };

  async run() {
    const { args, flags } = await this.parse(Reconcile);
    const { resource } = args;
    return this.withAgent(flags.config, async (agent) => {
      const { controlRoutes } = await import('@qianzhi/agent/control');
      const sessions = flags.last ? undefined : await this.compare(agent, resource, flags);
      const { results } = await agent.call(
        controlRoutes.reconcileResults,
        { query: { resource } },
        this.signal,
      );
      const shown = results.filter(
        ({ session, agreement }) =>
          (sessions?.includes(session) ?? true) && (flags.agreement ?? agreement) === agreement,
      );
      for (const result of shown) this.show(result, flags.limit);
      if (flags.last && shown.length === 0) this.log(this.say('(尚未对账)', '(never reconciled)'));
      const differing = shown.some((result) => result.report !== undefined && !isEqual(result));
      if (differing && !flags.repair) this.logToStderr(this.next(resource));
      if (differing && !process.exitCode) process.exitCode = DIFFERS;
      return {
        equal: shown.length > 0 && shown.every(isEqual) && !process.exitCode,
        results: shown.map((result) => ({ ...result, keys: inOrder(result.keys).slice(0, flags.limit) })),
      };
    });
  }

  /** Runs to the end; what failed is told, and sets the exit code. Answers the sessions. */
  private async compare(
    agent: AgentControl,
    resource: string,
    { agreement, repair = false }: { readonly agreement: string | undefined; readonly repair?: boolean },
  ): Promise<readonly string[]> {
    const { controlRoutes } = await import('@qianzhi/agent/control');
    const body = { resource, repair, ...(agreement !== undefined && { agreement }) };
    const begun = await agent.call(controlRoutes.reconcile, { body }, this.signal);
    const sessions = begun.running.map(({ session }) => session);
    const progress = createProgressLine();
    let running: readonly RunningReconciliation[] = begun.running;
    try {
      while (running.some(({ state }) => state === 'running')) {
        progress.show(running.map(({ agreement: of, step }) => `${of} ${stepText(step)}`).join(' · '));
        await pause(ASK_EVERY_MS, undefined, { signal: this.signal });
        const answer = await agent.call(controlRoutes.reconciliations, {}, this.signal);
        running = answer.running.filter(({ session }) => sessions.includes(session));
      }
    } catch (error) {
      if (this.signal.aborted) throw cliErrors.RECONCILE_WAIT_ENDED({ resource }, error);
      throw error;
    } finally {
      progress.end();
    }
    for (const { problem } of running) if (problem) this.reportFailure(fromProblem(problem));
    return sessions;
  }

  private next(resource: string): string {
    return this.say(
      `修复:qianzhi reconcile ${resource} --repair`,
      `to repair: qianzhi reconcile ${resource} --repair`,
    );
  }

  private show(result: ReconcileResult, limit: number): void {
    for (const line of resultLines(result)) this.log(line);
    const { keys, unfit, refused } = result;
    if (keys.length > 0 && limit > 0) {
      this.table(inOrder(keys).slice(0, limit), [
        { name: this.say('差异', 'difference'), value: ({ kind }) => kindText(kind) },
        { name: this.say('主键', 'key'), value: ({ key }) => key.replaceAll('\t', ' | ') },
      ]);
      const left = keys.length - limit;
      if (left > 0) this.log(this.say(`  …… 另有 ${left} 个,加大 --limit`, `  … and ${left} more: --limit`));
    }
    if (refused.length > 0) {
      const look = `qianzhi quarantine list --exchange ${result.exchange}`;
      this.log(
        this.say(
          `  其中 ${refused.length} 个主键的行被本侧目标拒收,重发无用;查看:${look}`,
          `  rows of ${refused.length} of them were refused by the target here, so sending them again is no help; see ${look}`,
        ),
      );
    }
    if (unfit.length > 0) {
      const shown = unfit.slice(0, limit).map((key) => key.replaceAll('\t', ' | '));
      if (unfit.length > shown.length) shown.push('…');
      this.log(
        this.say(
          `  本侧 ${unfit.length} 个主键的行被拒绝或无法读取:${shown.join(', ')}`,
          `  rows of ${unfit.length} keys are rejected or unreadable here: ${shown.join(', ')}`,
        ),
      );
    }
  }
}
