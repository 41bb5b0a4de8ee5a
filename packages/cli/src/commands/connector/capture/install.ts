import { Flags } from '#oclif';
import { CaptureCommand, captureArgs } from '../../../capture-command.js';

export default class ConnectorCaptureInstall extends CaptureCommand {
  static override summary =
    '变更捕获:建立变更表与触发器,或补齐缺失的 / make change table and triggers, or what is missing of them';
  static override description = [
    '先以 connector capture plan 审阅。完好的不动;补齐后读取方重新全量,因为其间的变更没有记下。',
    'Review it with connector capture plan first. What is whole is left alone; after a repair the reader starts with a full copy, for changes meanwhile were not recorded.',
  ].join('\n');
  static override examples = [
    '<%= config.bin %> connector capture install civil --table t_group',
    '<%= config.bin %> connector capture install civil --table t_group --yes',
  ];
  static override args = captureArgs;
  static override flags = {
    yes: Flags.boolean({ summary: '不提问,直接执行 / run it without asking' }),
  };

  async run() {
    const { args, flags } = await this.parse(ConnectorCaptureInstall);
    return this.capturing(flags.config, args.connector, flags, async (capture, spec) => {
      const plan = await capture.plan(spec, this.signal);
      const agreed = await this.agreed(plan.install, flags.yes, '建立以上对象?', 'make these objects?');
      const steps = agreed ? await capture.install(spec, this.signal) : [];
      this.showRun(steps);
      if (agreed && steps.length === 0)
        this.log(this.say('✓ 变更捕获完好,未作改动', '✓ capture is whole; nothing was changed'));
      if (agreed) this.showSource(plan);
      return { table: plan.table, steps, changeTable: plan.changeTable };
    });
  }
}
