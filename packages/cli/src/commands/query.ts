import {
  type CatalogResource,
  errorKinds,
  personRoutes,
  type QueryResult,
  type QueryService,
} from '@qianzhi/model';
import { Args, Flags } from '#oclif';
import { askAgent } from '../agent-command.js';
import { allEntries } from '../catalog-pages.js';
import { counted } from '../counted.js';
import { cliErrors } from '../errors.js';
import { writeNewFile } from '../output.js';
import { PlatformCommand } from '../platform-command.js';
import { csvOf } from '../query/csv.js';
import { parseParameters, readLookups } from '../query/lookups.js';
import { answeredBy, parametersText } from '../query/services.js';

export default class Query extends PlatformCommand {
  static override summary = '联机查询 / ask a query service online';
  static override description =
    '不给服务时列出可查的服务(* 为必填参数)。结果的两方签名与签收凭证当即核对;不完整的结果会说明原因,退出码为 8。\nWithout a service it lists those there are (* marks required parameters). The signatures of both sides and the receipt are checked at once; an answer that is not complete says why, and the exit code is 8.';
  static override examples = [
    '<%= config.bin %> query',
    '<%= config.bin %> query social_group by-uscc --param uscc=51340000MJA0000001 --matter 税务登记核验',
    '<%= config.bin %> query social_group by-uscc --keys codes.txt --out found.csv',
    '<%= config.bin %> query social_group by-uscc --param uscc=51340000MJA0000001 --config agent.yaml --json',
  ];
  static override args = {
    resource: Args.string({ description: '资源代码 / resource code' }),
    service: Args.string({ description: '查询服务 / query service' }),
  };
  static override flags = {
    param: Flags.string({ multiple: true, summary: '参数 名=值 / a parameter, NAME=VALUE' }),
    keys: Flags.string({
      summary:
        '批量查询(最多 1000 组):文件中每行一个值,或一个 JSON 对象;- 为标准输入 / up to 1,000 at once: a file with one value a line, or one JSON object; - is standard input',
    }),
    matter: Flags.string({
      summary: '所办业务事项;不给则为协议所载 / the business matter; that of the agreement unless given',
    }),
    agreement: Flags.string({ summary: '协议编号,有多份时须写明 / the agreement, where there are several' }),
    timeout: Flags.integer({
      default: 15,
      min: 1,
      max: 60,
      summary: '最长等待秒数 / seconds to wait at most',
    }),
    out: Flags.string({ summary: '写入新的 CSV 文件 / write a new CSV file' }),
    config: Flags.string({
      summary: '经本机运行中的前置机查询:其配置文件 / ask by the agent that runs here: its config file',
    }),
  };

  async run() {
    const { args, flags } = await this.parse(Query);
    const { resource: code, service: name } = args;
    if (code === undefined || name === undefined) return this.list(flags.profile, code);
    const given = parseParameters(flags.param ?? []);
    const lookups =
      flags.keys === undefined ? [given] : await this.lookupsOf(flags.keys, given, flags.profile, code, name);
    if (lookups.length === 0) {
      const problem = { zh: '没有任何参数', en: 'there is nothing to ask with' };
      throw cliErrors.FILE_WRONG({ file: flags.keys!, line: 1, problem });
    }
    const { matter, agreement } = flags;
    const body = {
      lookups,
      timeoutMs: flags.timeout * 1_000,
      ...(matter && { matter }),
      ...(agreement && { agreement }),
    };
    const params = { resource: code, service: name };
    const result =
      flags.config === undefined
        ? await this.askPlatform(flags.profile, params, body)
        : await this.askByAgent(flags.config, params, body);
    await this.show(result, flags.out);
    return result;
  }

  private async askPlatform(profile: string, params: Params, body: Body): Promise<QueryResult> {
    const { checkQueryResult } = await import('@qianzhi/model/crypto');
    return this.withPlatform(profile, async (client) => {
      const result = await client.call(
        personRoutes.query,
        { params, body, waitMs: body.timeoutMs },
        this.signal,
      );
      const { keys } = await client.call(personRoutes.keyDirectory, {}, this.signal);
      checkQueryResult(result, keys);
      return result;
    });
  }

  private async askByAgent(config: string, params: Params, body: Body): Promise<QueryResult> {
    const { controlRoutes } = await import('@qianzhi/agent/control');
    return askAgent(config, (agent) =>
      agent.call(controlRoutes.query, { params, body, waitMs: body.timeoutMs }, this.signal),
    );
  }

  private async lookupsOf(
    file: string,
    given: Body['lookups'][0],
    profile: string,
    code: string,
    name: string,
  ) {
    const { resource } = await this.withPlatform(profile, (client) =>
      client.call(personRoutes.showCatalog, { params: { code }, query: {} }, this.signal),
    );
    const service = resource.queries?.find((one) => one.name === name);
    // the platform says what there is
    return service ? readLookups(file, given, service) : [given];
  }

  private async show(result: QueryResult, out: string | undefined): Promise<void> {
    const { items, values, rows, complete, receipt } = result;
    if (out !== undefined) {
      const { text, neutralised } = csvOf(items, values);
      await writeNewFile(out, text);
      this.log(this.say(`已写入 ${out}:${rows} 行`, `wrote ${out}: ${counted(rows, 'row')}`));
      if (neutralised > 0)
        this.logToStderr(
          this.say(
            `! ${neutralised} 个单元格像公式,前面加了单引号;原值见 --json`,
            `! ${neutralised} cells look like formulas and have an apostrophe before them; the values as they are: --json`,
          ),
        );
    } else {
      const columns = items.map((name, at) => ({ name, value: (row: (string | null)[]) => row[at] }));
      this.table(values, columns);
    }
    this.log(
      this.say(
        `${rows} 行${complete ? ',完整' : ''};签名已核对,凭证 ${receipt.body.id}`,
        `${counted(rows, 'row')}${complete ? ', complete' : ''}; signatures checked, receipt ${receipt.body.id}`,
      ),
    );
    for (const { agent, storedAt, behind } of result.answer?.body.states ?? [])
      this.log(
        this.say(
          `由平台答复:前置机 ${agent} 截至 ${storedAt} 的数据${behind > 0 ? `,此后 ${behind} 批尚未并入` : ''}`,
          `answered by the platform: rows of agent ${agent} as of ${storedAt}${behind > 0 ? `, ${counted(behind, 'batch', 'batches')} behind` : ''}`,
        ),
      );
    if (complete) return;
    process.exitCode = errorKinds.data.exit;
    this.logToStderr(this.partialText(result));
  }

  private partialText({ stoppedBy, rejected }: QueryResult): string {
    if (stoppedBy === 'rejected')
      return this.say(
        `! 不完整:${rejected} 行不符合目录,未返回;请供数方核对`,
        `! not complete: ${rejected} rows break the catalog and were left out; the provider has to look at them`,
      );
    const bound = stoppedBy === 'rows' ? this.say('行数', 'rows') : this.say('字节数', 'bytes');
    return this.say(
      `! 不完整:达到${bound}上限(查询服务、单次或配额);请缩小条件`,
      `! not complete: a bound on ${bound} was reached (of the service, of one answer or of the quota); ask for less`,
    );
  }

  private async list(profile: string, code: string | undefined) {
    const resources = await this.withPlatform(profile, async (client): Promise<CatalogResource[]> => {
      if (code !== undefined)
        return [
          (await client.call(personRoutes.showCatalog, { params: { code }, query: {} }, this.signal))
            .resource,
        ];
      const entries = await allEntries(client, {}, this.signal);
      return entries.map(({ resource }) => resource);
    });
    const services = resources.flatMap((resource) =>
      (resource.queries ?? []).map((service: QueryService) => ({ resource: resource.code, ...service })),
    );
    this.table(services, [
      { name: this.say('资源', 'resource'), value: (row) => row.resource },
      { name: this.say('服务', 'service'), value: (row) => row.name },
      { name: this.say('参数', 'parameters'), value: parametersText },
      { name: this.say('返回', 'answers'), value: (row) => row.items.join(' ') },
      { name: this.say('最多行', 'most rows'), value: (row) => row.maxRows },
      { name: this.say('答复方', 'answered by'), value: (row) => this.say(...answeredBy(row)) },
      { name: this.say('说明', 'summary'), value: (row) => row.summary },
    ]);
    return { services };
  }
}

type Params = { readonly resource: string; readonly service: string };
type Body = {
  readonly lookups: Record<string, string | null>[];
  readonly timeoutMs: number;
  readonly matter?: string;
  readonly agreement?: string;
};
