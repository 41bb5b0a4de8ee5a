import { CaptureCommand, captureArgs } from '../../../capture-command.js';
import { cliErrors } from '../../../errors.js';
import { tableAndKey } from '../../../setup/captured-table.js';

export default class ConnectorCaptureCheck extends CaptureCommand {
  static override summary =
    '变更捕获:核对变更表与触发器是否完好 / whether change table and triggers are whole';
  static override description = [
    '每次读取前也会自动核对。有缺失、停用或改动的,退出码为 2。',
    'Every read checks the same before it begins. The exit code is 2 where something is missing, disabled or changed.',
  ].join('\n');
  static override examples = ['<%= config.bin %> connector capture check civil --table t_group'];
  static override args = captureArgs;

  async run() {
    const { args, flags } = await this.parse(ConnectorCaptureCheck);
    const states = await this.capturing(flags.config, args.connector, flags, (capture, spec) =>
      capture.inspect(spec, this.signal),
    );
    const zh = { ok: '完好', missing: '缺失', disabled: '已停用', changed: '被改动' };
    const kinds = { table: '变更表', function: '函数', trigger: '触发器' };
    for (const { kind, name, state } of states)
      this.log(
        `${state === 'ok' ? '✓' : '✗'} ${this.say(kinds[kind], kind)} ${name} ${this.say(zh[state], state)}`,
      );
    const amiss = states.filter(({ state }) => state !== 'ok');
    if (amiss.length > 0)
      throw cliErrors.CAPTURE_BROKEN({
        connector: args.connector,
        table: flags.table,
        count: amiss.length,
        captured: tableAndKey(flags.table, flags.key),
      });
    return { objects: states };
  }
}
