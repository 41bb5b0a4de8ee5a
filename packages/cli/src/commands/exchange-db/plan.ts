import { ExchangeDbCommand } from '../../exchange-db-command.js';

export default class ExchangeDbPlan extends ExchangeDbCommand {
  static override summary =
    '前置库:显示建表 SQL 与作业配置,不执行 / exchange tables: show SQL and config, run nothing';
  static override description = [
    '供出侧:业务系统每有变化向 qz_out_… 写入一行(qz_op 为 I、U、D),前置机以 change-table 策略取走;该策略把取到的位置记在断点中,不改 qz_status。',
    '取入侧:前置机合并到 qz_in_…_now(当前数据),触发器把每一行变化记入 qz_in_…(I、U、D),业务系统按序号读取后把 qz_status 改为 1。',
    'Out: systems of the department add a row to qz_out_… for each change (qz_op I, U, D) and the agent picks them up by strategy change-table, which keeps its place in a checkpoint and leaves qz_status alone.',
    'In: the agent merges into qz_in_…_now, the current data; triggers add each changed row to qz_in_… (I, U, D), which systems of the department read by serial and mark by setting qz_status to 1.',
  ].join('\n');
  static override examples = [
    '<%= config.bin %> exchange-db plan social_group --connector front > front.sql',
    '<%= config.bin %> exchange-db plan social_group national_tax --connector front --side in',
  ];
  // oclif's parser sees only what stands in the class itself
  static override strict = false;
  static override args = ExchangeDbCommand.args;
  static override flags = ExchangeDbCommand.flags;

  async run() {
    const { flags, argv } = await this.parse(ExchangeDbPlan);
    return this.planned(flags, argv as string[], async (plan, configured) => {
      this.log(this.sqlText(plan));
      this.logToStderr(
        `\n${this.say('# 建表后写入 agent.yaml:', '# for agent.yaml, once the tables are there:')}\n${await this.configText(plan)}`,
      );
      if (plan.existing.length > 0)
        this.logToStderr(
          this.say(
            `! 库中已有:${plan.existing.join(', ')}`,
            `! already in the database: ${plan.existing.join(', ')}`,
          ),
        );
      this.warnOfSuppliers(plan, configured);
      return this.answer(plan);
    });
  }
}
