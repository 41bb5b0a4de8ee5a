import { Flags } from '#oclif';
import { CaptureCommand, captureArgs } from '../../../capture-command.js';
import { writeNewFile } from '../../../output.js';

export default class ConnectorCapturePlan extends CaptureCommand {
  static override summary =
    '变更捕获:写出变更表与触发器的 SQL,供审阅 / write the SQL of change table and triggers, for review';
  static override description = [
    '只写出,不执行:逐条注释,附撤销语句;可交 DBA 执行。之后把写出的 changeTable 放入作业的 source,策略用 change-table。',
    'Writes and runs nothing: a comment for each statement, and how to undo it. A DBA may run it; then put `changeTable` into the exchange, with strategy change-table.',
  ].join('\n');
  static override examples = [
    '<%= config.bin %> connector capture plan civil --table t_group',
    '<%= config.bin %> connector capture plan civil --table t_group --key uscc --out capture.sql',
  ];
  static override args = captureArgs;
  static override flags = {
    out: Flags.string({ summary: '写入该文件;已存在则不动 / write it into this file, unless it is there' }),
  };

  async run() {
    const { args, flags } = await this.parse(ConnectorCapturePlan);
    const plan = await this.capturing(flags.config, args.connector, flags, (capture, spec) =>
      capture.plan(spec, this.signal),
    );
    const { captureScript } = await import('../../../setup/capture-script.js');
    const script = captureScript(plan);
    if (flags.out === undefined) this.log(script);
    else {
      await writeNewFile(flags.out, script);
      this.logToStderr(this.say(`✓ 已写入 ${flags.out}`, `✓ wrote ${flags.out}`));
    }
    this.showSource(plan);
    return { ...plan, script };
  }
}
