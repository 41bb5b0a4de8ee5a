import { holdsEqual, openDifferences, personRoutes, type StoredReconcileReport } from '@qianzhi/model';
import { Flags } from '#oclif';
import { counted } from '../../counted.js';
import { PlatformCommand } from '../../platform-command.js';
import { timeText } from '../../words.js';

export default class PlatformReports extends PlatformCommand {
  static override summary =
    '两侧签署的对账结果:行数与摘要,不含主键 / what both sides of reconciliations signed: counts and digests, no keys';
  static override examples = [
    '<%= config.bin %> platform reports',
    '<%= config.bin %> platform reports --resource social_group --json',
  ];
  static override flags = {
    resource: Flags.string({ summary: '资源代码 / resource code' }),
    limit: Flags.integer({ default: 50, min: 1, max: 1000, summary: '最多条数 / at most so many' }),
  };

  async run() {
    const { flags } = await this.parse(PlatformReports);
    const query = { limit: flags.limit, ...(flags.resource !== undefined && { resource: flags.resource }) };
    const answer = await this.withPlatform(flags.profile, (client) =>
      client.call(personRoutes.reconcileReports, { query }, this.signal),
    );
    const rows = (side: 'provider' | 'consumer') => (row: StoredReconcileReport) =>
      (row.consumer ?? row.provider)?.body.rows[side];
    this.table(answer.reports, [
      { name: this.say('资源', 'resource'), value: (row) => row.session.resource },
      { name: this.say('协议', 'agreement'), value: (row) => row.session.grant.body.agreement },
      { name: this.say('发起', 'opened'), value: (row) => timeText(row.session.openedAt) },
      { name: this.say('供数方行数', 'rows provided'), value: rows('provider') },
      { name: this.say('用数方行数', 'rows held'), value: rows('consumer') },
      { name: this.say('结果', 'result'), value: (row) => this.result(row) },
    ]);
    return answer;
  }

  private result({ session, provider, consumer }: StoredReconcileReport): string {
    if (session.failure) return `✗ ${session.failure.agent} ${session.failure.code}`;
    const report = (consumer ?? provider)?.body;
    if (!report) return this.say('进行中', 'under way');
    if (holdsEqual(report)) return this.say('✓ 一致', '✓ equal');
    const open = openDifferences(report.remaining);
    return this.say(`✗ ${open} 个主键不一致`, `✗ ${counted(open, 'key differs', 'keys differ')}`);
  }
}
