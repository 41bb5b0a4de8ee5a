import { Flags } from '#oclif';
import { CaptureCommand, captureArgs } from '../../../capture-command.js';

export default class ConnectorCaptureRemove extends CaptureCommand {
  static override summary =
    '变更捕获:删除所建的变更表与触发器 / drop change table and triggers that were made for it';
  static override description = [
    '只删除 connector capture install 所建的对象,业务表不动。先停用读取它的作业。',
    'Drops what connector capture install makes and nothing else; the table itself is left alone. Stop the exchange that reads it first.',
  ].join('\n');
  static override examples = ['<%= config.bin %> connector capture remove civil --table t_group'];
  static override args = captureArgs;
  static override flags = {
    yes: Flags.boolean({ summary: '不提问,直接执行 / run it without asking' }),
  };

  async run() {
    const { args, flags } = await this.parse(ConnectorCaptureRemove);
    return this.capturing(flags.config, args.connector, flags, async (capture, spec) => {
      const plan = await capture.plan(spec, this.signal);
      const agreed = await this.agreed(
        plan.remove,
        flags.yes,
        '删除以上对象?尚未读取的变更会丢失',
        'drop these objects? changes not read yet are lost',
      );
      const steps = agreed ? await capture.remove(spec, this.signal) : [];
      this.showRun(steps);
      if (agreed && steps.length === 0)
        this.log(this.say('✓ 没有要删除的对象', '✓ there is nothing to drop'));
      return { table: plan.table, steps };
    });
  }
}
