import type { CheckReport, ConfigField, PlannedConnector } from '@qianzhi/agent';
import { isQianzhiError } from '@qianzhi/model';
import { Flags } from '#oclif';
import { AgentCommand } from '../../agent-command.js';
import { askChoice, askText, askYes, canAsk } from '../../ask.js';
import { reportJson, reportLines } from '../../check-report.js';
import { counted } from '../../counted.js';
import { cliErrors } from '../../errors.js';
import type { Answers } from '../../setup/ask-fields.js';
import { type ConfiguredPlugins, withConfig } from '../../with-connector.js';

interface AddFlags {
  readonly config: string;
  readonly type?: string | undefined;
  readonly name?: string | undefined;
  readonly set?: readonly string[] | undefined;
  readonly 'secret-file'?: readonly string[] | undefined;
  readonly 'no-check': boolean;
  readonly yes: boolean;
}

/** How the values come: all by questions, only what is missing, or none. */
type Asking = 'all' | 'missing' | 'nothing';

export default class ConnectorAdd extends AgentCommand {
  static override summary =
    '新增连接器:询问、检查、写入配置 / add a connector: ask, check, write it into the config';
  static override description = [
    '各项由该类型连接器自己规定;缺少的在终端询问。连接与权限检查通过后才写入,配置的注释与次序不变。',
    '密钥从文件、标准输入或隐藏提示读取,写入配置旁 0600 的文件,不出现在命令行和配置中。',
    'The connector of that type says what it needs; what is missing is asked for. It is written only once address, login and permissions were proven; comments and order of the config stay.',
    'A secret is read from a file, standard input or a hidden prompt and kept in a file of mode 0600 beside the config, never on the command line.',
  ].join('\n');
  static override examples = [
    '<%= config.bin %> connector add',
    '<%= config.bin %> connector add --type sqlite --name civil --set path=./legacy.sqlite --set readOnly=true',
    '<%= config.bin %> connector add --type sqlite --name civil --set path=./legacy.sqlite --yes --json',
    '<%= config.bin %> connector add --type postgres --name civil --set host=10.1.2.3 --set database=civil --set user=reader --secret-file ./password',
  ];
  static override flags = {
    type: Flags.string({ summary: '类型,如 postgres / type, such as postgres' }),
    name: Flags.string({ summary: '名称,由你定 / a name of your own' }),
    set: Flags.string({
      multiple: true,
      summary: '一项的值:键=值,可多次 / value of a field: KEY=VALUE, repeatable',
    }),
    'secret-file': Flags.string({
      multiple: true,
      summary: '密钥所在文件:[键=]文件,- 为标准输入 / file with a secret: [KEY=]FILE, - for standard input',
    }),
    'no-check': Flags.boolean({ summary: '不连接,直接写入 / write it without trying it' }),
    yes: Flags.boolean({ summary: '不提问 / ask nothing' }),
  };

  async run() {
    const { flags } = await this.parse(ConnectorAdd);
    return withConfig(flags.config, async (configured) => {
      const { connectorFields, requireFreeName } = await import('@qianzhi/agent');
      const { setValues, secretsFrom } = await import('../../setup/set-flags.js');
      const type = flags.type ?? (await this.askType(configured, flags));
      const fields = await connectorFields(configured.plugins, type);
      const name = flags.name ?? (await this.askName(configured, type, flags));
      requireFreeName(configured.loaded, name);
      const answers: Answers = {
        values: setValues(fields, flags.set ?? []),
        secrets: await secretsFrom(fields, flags['secret-file'] ?? []),
      };
      const { planned, report } = await this.settle(configured, { type, name, fields, answers }, flags);
      await this.write(planned, name);
      const taken = await this.takeConfig(flags.config);
      if (taken === 'taken')
        this.logToStderr(this.say('运行中的前置机已采用', 'the running agent has taken it'));
      return {
        connector: name,
        type,
        file: planned.change.file,
        secretFiles: planned.secretFiles,
        block: planned.block,
        agent: taken,
        report: report ? reportJson(report, report.notes) : null,
      };
    });
  }

  /** Asks and tries until it works, the person gives up, or nobody is there to correct it. */
  private async settle(
    configured: ConfiguredPlugins,
    wanted: { type: string; name: string; fields: readonly ConfigField[]; answers: Answers },
    flags: AddFlags,
  ): Promise<{ planned: PlannedConnector; report: CheckReport | undefined }> {
    const { planConnector, tryConnector } = await import('@qianzhi/agent');
    const { type, name, fields, answers } = wanted;
    const asking = howToAsk(flags);
    for (;;) {
      await this.complete(fields, answers, asking);
      try {
        const planned = await planConnector(flags.config, { type, name, ...answers }, configured.context);
        const report = flags['no-check'] ? undefined : await tryConnector(planned, name, this.signal);
        if (report) for (const line of reportLines(name, report, report.notes)) this.logToStderr(line);
        return { planned, report };
      } catch (error) {
        if (asking !== 'all' || !isQianzhiError(error) || error.kind === 'cancelled') throw error;
        this.reportFailure(error);
        if (!(await askYes(this.say('改正后再试?', 'correct it and try again?'), true))) throw error;
        process.exitCode = 0;
        answers.secrets.clear();
      }
    }
  }

  private async complete(fields: readonly ConfigField[], answers: Answers, asking: Asking): Promise<void> {
    const { askAll, askMissing, missingFields } = await import('../../setup/ask-fields.js');
    if (asking === 'all') await askAll(fields, answers);
    if (asking === 'missing') await askMissing(fields, answers);
    const [missing] = missingFields(fields, answers);
    if (!missing) return;
    const flag = missing.secret ? `--secret-file ${missing.key}=FILE` : `--set ${missing.key}=VALUE`;
    throw cliErrors.INPUT_NEEDED({ what: missing.key, flag });
  }

  private async write(planned: PlannedConnector, name: string): Promise<void> {
    const { writeChange } = await import('@qianzhi/agent');
    const { file, otherProblems } = planned.change;
    await writeChange(planned.change);
    this.log(this.say(`✓ 已写入 ${file}:connectors.${name}`, `✓ wrote connectors.${name} into ${file}`));
    for (const secret of planned.secretFiles)
      this.log(this.say(`✓ 密钥存入 ${secret}(0600)`, `✓ its secret is in ${secret} (0600)`));
    if (otherProblems > 0)
      this.logToStderr(
        this.say(
          `! 配置中另有 ${otherProblems} 处问题:qianzhi config validate`,
          `! ${counted(otherProblems, 'other thing is', 'other things are')} wrong in the config: qianzhi config validate`,
        ),
      );
    const { pushes, feed } = planned.change.plugins.connector(name).capabilities;
    if (pushes || feed)
      return this.logToStderr(
        this.say(
          `下一步:资源已下达或授权,新增交换作业 qianzhi exchange add --connector ${name}`,
          `next: where a resource is ordered or granted: qianzhi exchange add --connector ${name}`,
        ),
      );
    this.logToStderr(
      this.say(
        `下一步:看表 qianzhi connector discover ${name}\n  表还没有目录条目:qianzhi catalog propose --connector ${name} --table 表名\n  资源已下达或授权:新增交换作业 qianzhi exchange add --connector ${name}`,
        `next: see its tables with qianzhi connector discover ${name}\n  where a table has no catalog entry yet: qianzhi catalog propose --connector ${name} --table TABLE\n  where its resource is ordered or granted: qianzhi exchange add --connector ${name}`,
      ),
    );
  }

  private async askType({ plugins }: ConfiguredPlugins, flags: AddFlags): Promise<string> {
    const { connectorTypes } = await import('@qianzhi/agent');
    const types = connectorTypes(plugins);
    if (howToAsk(flags) === 'nothing') {
      const what = this.say('连接器类型', 'the type of the connector');
      throw cliErrors.INPUT_NEEDED({ what, flag: `--type ${types.map(({ type }) => type).join('|')}` });
    }
    const choices = types.map(({ type, packageName, version }) => ({
      value: type,
      name: `${type}  (${packageName} ${version})`,
    }));
    return askChoice(this.say('连接器类型', 'type of the connector'), choices);
  }

  private async askName({ loaded }: ConfiguredPlugins, type: string, flags: AddFlags): Promise<string> {
    if (howToAsk(flags) === 'nothing') {
      const what = this.say('连接器名称', 'the name of the connector');
      throw cliErrors.INPUT_NEEDED({ what, flag: '--name NAME' });
    }
    const { requireFreeName } = await import('@qianzhi/agent');
    const isTaken = Object.hasOwn(loaded.config.connectors, type);
    return askText({
      message: this.say('名称(由你定,如 civil)', 'a name of your own, such as civil'),
      default: isTaken ? undefined : type,
      validate: (name) => problemOf(() => requireFreeName(loaded, name)),
    });
  }
}

function howToAsk({ yes, set = [], 'secret-file': files = [] }: AddFlags): Asking {
  if (yes || !canAsk()) return 'nothing';
  return set.length + files.length > 0 ? 'missing' : 'all';
}

/** What a check throws, in words; true where it passes. */
function problemOf(check: () => void): string | true {
  try {
    check();
    return true;
  } catch (error) {
    if (!isQianzhiError(error)) throw error;
    return error.message;
  }
}
