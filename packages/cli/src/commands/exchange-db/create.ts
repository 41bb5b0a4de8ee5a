import { Flags } from '#oclif';
import { confirmed } from '../../ask.js';
import { ExchangeDbCommand } from '../../exchange-db-command.js';

export default class ExchangeDbCreate extends ExchangeDbCommand {
  static override summary =
    '前置库:确认后建表,显示作业配置 / exchange tables: make them after confirmation, show the config';
  static override description = [
    '先显示全部 SQL,确认后执行;没有终端时须加 --yes。已有同名表则不执行。postgres、sqlite 在一个事务中建立;mysql 每条语句各自提交。',
    'Shows all SQL and runs it once confirmed; without a terminal it takes --yes. Nothing is run where a table of that name is there. postgres and sqlite make all or nothing; with mysql each statement commits by itself.',
  ].join('\n');
  static override examples = [
    '<%= config.bin %> exchange-db create social_group --connector front',
    '<%= config.bin %> exchange-db create social_group --connector front --yes >> agent.yaml.new',
  ];
  // oclif's parser sees only what stands in the class itself
  static override strict = false;
  static override args = ExchangeDbCommand.args;
  static override flags = {
    ...ExchangeDbCommand.flags,
    yes: Flags.boolean({ summary: '不再确认 / run without asking' }),
  };

  async run() {
    const { flags, argv } = await this.parse(ExchangeDbCreate);
    return this.planned(flags, argv as string[], async (plan, configured) => {
      const { createExchangeDb, requireNew } = await import('@qianzhi/agent');
      requireNew(plan);
      this.logToStderr(this.sqlText(plan));
      const { connector } = plan;
      const question = this.say(
        `在连接器 ${connector} 的库中执行?`,
        `run it in the database of ${connector}?`,
      );
      await confirmed(question, flags.yes, this.words);
      await createExchangeDb(configured.plugins, plan, this.signal);
      const names = plan.tables.flatMap(({ tables }) => tables).join(', ');
      this.logToStderr(
        this.say(
          `\n✓ 已建立 ${names}\n写入 agent.yaml 的 exchanges 后执行 qianzhi doctor:`,
          `\n✓ made ${names}\nadd to \`exchanges\` in agent.yaml, then run qianzhi doctor:`,
        ),
      );
      this.log(await this.configText(plan));
      this.warnOfSuppliers(plan, configured);
      return this.answer(plan);
    });
  }
}
