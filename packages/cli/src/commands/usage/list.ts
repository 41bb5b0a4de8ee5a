import { type Operation, personRoutes } from '@qianzhi/model';
import { Flags } from '#oclif';
import { PlatformCommand } from '../../platform-command.js';
import { timeText, word } from '../../words.js';

export default class UsageList extends PlatformCommand {
  static override summary = '操作记录:谁、为何事、取了多少 / operations: who took how much, and what for';
  static override description =
    '联机查询、批量下载、前置机共享的每一次操作,各有平台签收凭证(qianzhi receipt list --platform)。系统对接见 qianzhi usage days 与签收凭证。\nQueries, downloads and packages, each with a receipt of the platform; docked rows are in `usage days` and in their receipts.';
  static override examples = [
    '<%= config.bin %> usage list',
    '<%= config.bin %> usage list --resource social_group --mode online-query --json',
  ];
  static override flags = {
    resource: Flags.string({ summary: '资源代码 / resource code' }),
    agreement: Flags.string({ summary: '协议编号 / id of an agreement' }),
    mode: Flags.option({
      options: ['online-query', 'batch-download', 'sftp'] as const,
      summary: '共享方式 / mode',
    })(),
    before: Flags.string({
      summary: '上一页最后一条的凭证编号 / receipt id that the page before ended with',
    }),
    limit: Flags.integer({ default: 50, min: 1, max: 1000, summary: '最多条数 / at most so many' }),
  };

  async run() {
    const { flags } = await this.parse(UsageList);
    const { resource, agreement, mode, before, limit } = flags;
    const query = { resource, agreement, mode, before, limit };
    const answer = await this.withPlatform(flags.profile, (client) =>
      client.call(personRoutes.listOperations, { query }, this.signal),
    );
    this.table(answer.operations, [
      { name: this.say('时间', 'at'), value: ({ receipt }) => timeText(receipt.body.issuedAt) },
      { name: this.say('方式', 'mode'), value: (row) => word(useOf(row)?.mode ?? '') },
      { name: this.say('资源', 'resource'), value: (row) => useOf(row)?.resource },
      { name: this.say('使用方', 'consumer'), value: (row) => row.consumer },
      { name: this.say('操作者', 'by'), value: (row) => row.actor },
      { name: this.say('事项', 'matter'), value: (row) => row.matter },
      { name: this.say('行', 'rows'), value: ({ receipt }) => receipt.body.rows },
      { name: this.say('字节', 'bytes'), value: (row) => row.bytes },
      { name: this.say('凭证', 'receipt'), value: ({ receipt }) => receipt.body.id },
    ]);
    return answer;
  }
}

function useOf({ receipt }: Operation) {
  const { subject } = receipt.body;
  return 'use' in subject ? subject.use : undefined;
}
