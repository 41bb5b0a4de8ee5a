import { Flags } from '#oclif';
import { AgentCommand } from '../../agent-command.js';
import { counted } from '../../counted.js';
import { timeText } from '../../words.js';

const kinds: Readonly<Record<string, readonly [string, string]>> = {
  answered: ['已应答', 'answered'],
  refused: ['已拒绝', 'refused'],
  asked: ['已查询', 'asked'],
  unanswered: ['未得答复', 'unanswered'],
};

export default class QueryLog extends AgentCommand {
  static override summary =
    '本前置机的联机查询日志,并核对其链 / online queries of this agent, their chain checked';
  static override description =
    '应答、拒绝与发出的查询各一条,只有摘要,没有参数与结果的值。链不连贯时说明在哪一行,退出码为 9。\nOne entry for each that was answered, refused or asked: digests only, no values. Where the chain is broken it says in which line, and the exit code is 9.';
  static override examples = ['<%= config.bin %> query log', '<%= config.bin %> query log --limit 5 --json'];
  static override flags = {
    limit: Flags.integer({
      default: 20,
      min: 1,
      max: 100_000,
      summary: '最近多少条 / so many of the newest',
    }),
  };

  async run() {
    const { flags } = await this.parse(QueryLog);
    const { newestQueries, readPlace } = await import('@qianzhi/agent');
    const { stateDir } = await readPlace(flags.config);
    const { total, entries } = await newestQueries(stateDir, flags.limit);
    this.table(entries, [
      { name: this.say('时间', 'at'), value: (row) => timeText(row.at) },
      { name: this.say('经过', 'what'), value: (row) => this.say(...(kinds[row.kind] as [string, string])) },
      { name: this.say('资源', 'resource'), value: (row) => row.resource },
      { name: this.say('服务', 'service'), value: (row) => row.service },
      { name: this.say('使用方', 'consumer'), value: (row) => row.consumer },
      { name: this.say('操作者', 'by'), value: (row) => row.actor },
      { name: this.say('事项', 'matter'), value: (row) => row.matter },
      { name: this.say('行', 'rows'), value: (row) => row.rows },
      { name: this.say('问题', 'problem'), value: (row) => row.code },
    ]);
    this.log(this.say(`${total} 条,链完整`, `${counted(total, 'entry', 'entries')}, the chain holds`));
    return { total, entries };
  }
}
