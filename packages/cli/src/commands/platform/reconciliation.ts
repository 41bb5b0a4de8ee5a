import { personRoutes } from '@qianzhi/model';
import { Flags } from '#oclif';
import { PlatformCommand } from '../../platform-command.js';

export default class PlatformReconciliation extends PlatformCommand {
  static override summary =
    '平台所存的数据流与对账 / streams as the platform holds them, with the count equations';
  static override examples = [
    '<%= config.bin %> platform reconciliation',
    '<%= config.bin %> platform reconciliation --resource social_group',
  ];
  static override flags = { resource: Flags.string({ summary: '资源代码 / resource code' }) };

  async run() {
    const { flags } = await this.parse(PlatformReconciliation);
    const query = { resource: flags.resource };
    const answer = await this.withPlatform(flags.profile, (client) =>
      client.call(personRoutes.reconciliation, { query }, this.signal),
    );
    this.table(answer.reconciliations, [
      { name: this.say('资源', 'resource'), value: (row) => row.resource },
      { name: this.say('前置机', 'agent'), value: (row) => row.stream.agent },
      { name: this.say('纪元', 'epoch'), value: (row) => row.stream.epoch },
      { name: this.say('读取', 'read'), value: (row) => row.read },
      { name: this.say('入库', 'stored'), value: (row) => row.stored },
      { name: this.say('拒绝', 'rejected'), value: (row) => row.rejected },
      { name: this.say('标记', 'flagged'), value: (row) => row.flagged },
      { name: this.say('平衡', 'balanced'), value: (row) => (row.balanced ? '✓' : row.problems.join('; ')) },
    ]);
    return answer;
  }
}
