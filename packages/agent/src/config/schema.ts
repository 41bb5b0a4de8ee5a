import { PackagesSchema } from '@qianzhi/carrier/settings';
import { ExchangeSchema, LocalQuerySchema } from '@qianzhi/model';
import { type Static, Type } from '@qianzhi/model/schema';
import { MonitorSchema } from '@qianzhi/monitor/config';
import { AlertsSchema } from '../alerts/schema.js';
import { ApiSchema } from '../api/schema.js';
import { WebhooksSchema } from '../webhooks/schema.js';

const Bytes = (value: number, description: string) =>
  Type.Integer({ minimum: 1 << 20, default: value, description });
const MiB = 1 << 20;

/** agent.yaml: everything an operator decides. Paths are relative to the file's own folder. */
export const AgentConfigSchema = Type.Object(
  {
    platform: Type.Object(
      {
        url: Type.String({
          pattern: '^https?://',
          description: '平台地址,可带网关前缀 / platform address, a gateway prefix included',
        }),
      },
      { additionalProperties: false },
    ),
    stateDir: Type.String({
      default: './state',
      description: '状态目录(密钥、作业、发件箱)/ keys, jobs, outbox',
    }),
    timeZone: Type.String({
      default: 'Asia/Shanghai',
      description: '源库无时区列的时区 / zone of zoneless source columns',
    }),
    plugins: Type.Array(Type.String(), {
      default: [],
      description: '额外插件目录 / folders of further plugins',
    }),
    connectors: Type.Record(
      Type.String({ pattern: '^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,49}$' }),
      Type.Object(
        { type: Type.String() },
        { additionalProperties: true, description: '连接器类型及其配置 / type and its own config' },
      ),
      { default: {} },
    ),
    exchanges: Type.Array(ExchangeSchema, { default: [] }),
    queries: Type.Array(LocalQuerySchema, {
      default: [],
      description: '本机应答的查询服务(联机查询)/ query services that this agent answers',
    }),
    limits: Type.Object(
      {
        concurrentJobs: Type.Integer({ minimum: 1, maximum: 64, default: 4 }),
        outboxBytes: Bytes(
          2048 * MiB,
          '发件箱上限,满则暂停读取 / reading pauses when the outbox holds this much',
        ),
        keepAfterReceiptDays: Type.Number({ minimum: 0, default: 7 }),
        evidenceKeepDays: Type.Integer({
          minimum: 180,
          maximum: 3650,
          default: 365,
          description:
            '清单与凭证在状态库中保存的天数,更早的整月移入文件 / how long manifests and receipts stay in the state; whole months before that go into files',
        }),
        quarantineRows: Type.Integer({ minimum: 1, default: 100_000 }),
        quarantineBytes: Bytes(256 * MiB, '隔离区上限 / quarantine'),
        quarantineDays: Type.Number({ minimum: 1, default: 30 }),
        duckdbMemoryMiB: Type.Integer({
          minimum: 64,
          default: 512,
          description: '全表比对子进程内存 / memory of the diff process',
        }),
      },
      { default: {}, additionalProperties: false },
    ),
    packages: Type.Optional(PackagesSchema),
    monitor: Type.Optional(MonitorSchema),
    api: Type.Optional(ApiSchema),
    alerts: AlertsSchema,
    webhooks: WebhooksSchema,
    log: Type.Object(
      {
        level: Type.Union(
          ['debug', 'info', 'warn', 'error'].map((level) => Type.Literal(level)),
          { default: 'info' },
        ),
      },
      { default: {}, additionalProperties: false },
    ),
  },
  { $id: 'qianzhi-agent-config', title: 'qianzhi agent.yaml', additionalProperties: false },
);
export type AgentConfig = Static<typeof AgentConfigSchema>;
