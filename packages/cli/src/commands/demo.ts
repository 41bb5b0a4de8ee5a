import { basename } from 'node:path';
import { Flags } from '#oclif';
import { runDemo } from '../demo/run-demo.js';
import { scenes } from '../demo/scenes/scenes.js';
import { type Tamper, tampers } from '../demo/tamper.js';
import { cliErrors } from '../errors.js';
import { QianzhiCommand } from '../qianzhi-command.js';

export default class Demo extends QianzhiCommand {
  static override summary = '演示主流程 / the main job on real input, with nothing to install';
  static override description =
    '平台与两台前置机各为一个进程,经本机回环 HTTP 交换 665,276 行真实行政区划;随后逐值核对两端并验证全部签收。\nPlatform and two agents as processes of their own over loopback HTTP; then both ends are compared value by value and every receipt is verified.';
  static override examples = [
    '<%= config.bin %> demo',
    '<%= config.bin %> demo --json',
    '<%= config.bin %> demo --quick',
    '<%= config.bin %> demo --tamper receipt',
    '<%= config.bin %> demo --keep',
    '<%= config.bin %> demo --scene docking --json',
    '<%= config.bin %> demo --scene download --json',
    '<%= config.bin %> demo --scene governance --json',
    '<%= config.bin %> demo --scene query --json',
    '<%= config.bin %> demo --source postgres://demo:secret@127.0.0.1:5432/old --target postgres://demo:secret@127.0.0.1:5432/new',
  ];
  static override flags = {
    scene: Flags.option({
      options: Object.keys(scenes),
      summary:
        '另一幕:docking 系统对接接口、download 批量下载、governance 从申请到裁定、query 联机查询、sftp 前置机共享与摆渡包、webhook 推送业务系统 / another scene: docking of business systems by HTTP, batch download, an application from refusal to ruling, online query, front-end sharing by folders and packages, or webhooks to a business system',
    })(),
    source: Flags.string({
      summary:
        '供数方业务库,postgres://用户:口令@主机:端口/数据库;不给则为 SQLite / the providers’ database, postgres://USER:PASSWORD@HOST:PORT/DATABASE; SQLite unless given',
      description:
        '演示建立模式 qianzhi_demo_source,结束时删除;以环境变量给出时,口令不出现在 ps 中 / makes schema qianzhi_demo_source and drops it at the end; given by the environment variable, the password is not in `ps`',
      env: 'QZ_DEMO_SOURCE',
    }),
    target: Flags.string({
      summary: '用数方数据库,同上 / the consumers’ database, likewise',
      description:
        '演示建立模式 qianzhi_demo_target,结束时删除 / makes schema qianzhi_demo_target and drops it at the end',
      env: 'QZ_DEMO_TARGET',
    }),
    replace: Flags.boolean({
      summary: '先删除此前留下的演示模式 / drop the demo schemas an earlier run left',
    }),
    tamper: Flags.option({
      options: [...new Set([...tampers, ...Object.values(scenes).flatMap((scene) => scene.tampers)])],
      summary:
        '故意损坏一处,演示必须发现并以非零码退出 / damage one thing; it must be found and the exit code not be 0',
    })(),
    quick: Flags.boolean({
      exclusive: ['scene'],
      summary:
        '村级只取北京、上海、广东,共 85,589 行 / villages of Beijing, Shanghai and Guangdong only, 85,589 rows',
    }),
    keep: Flags.boolean({
      exclusive: ['scene'],
      summary:
        '演示结束后保留全部进程,并显示地址与登录方式 / leave all running and print addresses and sign-in',
    }),
  };

  async run() {
    const { flags } = await this.parse(Demo);
    const tell = (zh: string, en: string) => process.stderr.write(`· ${this.say(zh, en)}\n`);
    if (flags.scene !== undefined) return this.playScene(flags.scene, flags, tell);
    if (flags.tamper !== undefined && !(tampers as readonly string[]).includes(flags.tamper))
      throw cliErrors.FLAG_WRONG({ flag: '--tamper', value: flags.tamper, shape: tampers.join('|') });
    const { result, kept } = await runDemo(
      {
        databases: { source: flags.source, target: flags.target, replace: flags.replace },
        tamper: flags.tamper as Tamper | undefined,
        keep: flags.keep,
        quick: flags.quick,
        tell,
      },
      this.signal,
    );
    this.table(result.resources, [
      { name: this.say('资源', 'resource'), value: (row) => row.code },
      { name: this.say('读取', 'read'), value: (row) => row.read },
      { name: this.say('拒绝', 'rejected'), value: (row) => row.rejected },
      { name: this.say('标记', 'flagged'), value: (row) => row.flagged },
      { name: this.say('入库', 'stored'), value: (row) => row.stored },
      { name: this.say('应用', 'applied'), value: (row) => row.applied },
      { name: this.say('核对一致', 'reconciled'), value: (row) => row.reconciled },
    ]);
    for (const { name, what } of result.found ?? []) this.log(`✗ ${name}  ${what}`);
    const seconds = (result.durationMs / 1000).toFixed(1);
    this.log(
      this.say(
        `${result.ok ? '✓ 全部成立' : '✗ 有问题'}:验证签收 ${result.receiptsVerified} 份,变化上路 ${result.changesTravelled} 行,审批前拒绝 ${result.deniedBeforeApproval ? '是' : '否'},仅获批项 ${result.grantedItemsOnly ? '是' : '否'},用时 ${seconds} 秒`,
        `${result.ok ? '✓ all holds' : '✗ something is wrong'}: ${result.receiptsVerified} receipts verified, ${result.changesTravelled} changed rows travelled, denied before approval ${result.deniedBeforeApproval}, granted items only ${result.grantedItemsOnly}, ${seconds} s`,
      ),
    );
    if (kept) process.stderr.write(`${describe(kept)}\n`);
    if (!result.ok) process.exitCode = 9;
    return result;
  }

  private async playScene(
    name: string,
    { source, target, replace, tamper }: SceneFlags,
    tell: (zh: string, en: string) => void,
  ) {
    const scene = scenes[name]!;
    if (tamper !== undefined && !scene.tampers.includes(tamper))
      throw cliErrors.FLAG_WRONG({ flag: '--tamper', value: tamper, shape: scene.tampers.join('|') });
    const options = { databases: { source, target, replace }, tamper, tell };
    const result = await scene.play(options, this.signal);
    this.table(result.checks, [
      { name: '', value: ({ ok }) => (ok ? '✓' : '✗') },
      { name: this.say('承诺', 'promise'), value: (row) => row.name },
      { name: this.say('应为', 'expected'), value: (row) => String(row.expected) },
      { name: this.say('实为', 'actual'), value: (row) => String(row.actual) },
    ]);
    const seconds = (result.durationMs / 1000).toFixed(1);
    this.log(
      result.ok
        ? this.say(`✓ 全部成立,用时 ${seconds} 秒`, `✓ all holds, ${seconds} s`)
        : this.say(`✗ 有问题,用时 ${seconds} 秒`, `✗ something is wrong, ${seconds} s`),
    );
    if (!result.ok) process.exitCode = 9;
    return result;
  }
}

interface SceneFlags {
  readonly source: string | undefined;
  readonly target: string | undefined;
  readonly replace: boolean;
  readonly tamper: string | undefined;
}

function describe({
  folder,
  url,
  pids,
  signIns,
  schemas,
}: NonNullable<Awaited<ReturnType<typeof runDemo>>['kept']>): string {
  // as it was called: `npm run demo` puts no qianzhi on the PATH of whoever reads this
  const called = process.argv[1]!;
  const qianzhi = basename(called) === 'qianzhi' ? 'qianzhi' : called;
  const processes = Object.entries(pids).map(([name, pid]) => `${name} ${pid}`);
  return [
    `平台 / platform: ${url}   OpenAPI: ${url}/api/v1/openapi.json`,
    `目录 / folder:   ${folder}`,
    `进程 / processes: ${processes.join(', ')}   (kill ${Object.values(pids).join(' ')})`,
    ...schemas.map((schema) => `模式 / schema:    ${schema}   (DROP SCHEMA … CASCADE; --replace)`),
    `试用 / try:      ${qianzhi} job list --config ${folder}/mz-agent.yaml`,
    `                 ${qianzhi} login --url ${url} --account auditor && ${qianzhi} catalog list`,
    ...signIns.map(({ account, password, name }) => `登录 / sign-in:  ${account}  ${password}  ${name}`),
  ].join('\n');
}
