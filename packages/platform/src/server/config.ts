import { packageSettings } from '@qianzhi/carrier/settings';
import { REGION_CODE, roles } from '@qianzhi/model';
import { type Static, Type } from '@qianzhi/model/schema';
import { MonitorSchema } from '@qianzhi/monitor/config';
import { DatabaseSchema } from '../database/config.js';

/** Settings of one platform process, as its YAML file gives them. */
export const PlatformConfigSchema = Type.Object(
  {
    dataDir: Type.String({
      minLength: 1,
      description: 'folder on a local disk: batch bytes, keys, and the database unless it is elsewhere',
    }),
    database: DatabaseSchema,
    audience: Type.String({
      default: 'qianzhi',
      pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$',
      description: 'name requests are signed for; unique among the platforms of a region',
    }),
    region: Type.Optional(
      Type.String({
        pattern: REGION_CODE,
        description:
          '平台所属行政区划代码 (R015),目录条目须在其内 / region of the platform (GB/T 2260); entries are of it or of what lies in it',
      }),
    ),
    host: Type.String({ default: '127.0.0.1', description: 'address to listen on' }),
    port: Type.Integer({
      default: 8340,
      minimum: 0,
      maximum: 65_535,
      description: '0: a free one',
    }),
    publicUrl: Type.Optional(
      Type.String({ format: 'uri', description: 'address agents use; written into enrolment tokens' }),
    ),
    gateways: Type.Array(Type.String({ minLength: 1, maxLength: 50 }), {
      default: [],
      uniqueItems: true,
      description:
        '平台前的网关或反向代理的地址或网段,只信其 X-Forwarded-For / addresses or networks of gateways in front of the platform: where a connection comes from is believed of their X-Forwarded-For, and of nobody else’s',
    }),
    leaseSeconds: Type.Integer({
      default: 60,
      minimum: 5,
      maximum: 3600,
      description:
        'how long a grant lease lasts: the longest an agent out of reach goes by a revoked grant; others are told at once',
    }),
    grantDays: Type.Integer({
      default: 365,
      minimum: 1,
      maximum: 3650,
      description: 'validity of a grant whose application names none',
    }),
    catalogReviews: Type.Boolean({
      default: false,
      description:
        '目录须经审核方可发布与撤销 (R009) / entries are published and withdrawn through their reviews only',
    }),
    maxLagDays: Type.Integer({
      default: 30,
      minimum: 1,
      maximum: 3650,
      description:
        'how long bytes a slow consumer still needs are kept; after that it restarts from a snapshot',
    }),
    maxLagBytes: Type.Integer({
      default: 20 * 1024 ** 3,
      minimum: 16 * 1024 ** 2,
      description: 'and how many of them for one stream',
    }),
    downloadKeepHours: Type.Integer({
      default: 24,
      minimum: 1,
      maximum: 720,
      description: 'how long the file of a batch download is kept',
    }),
    downloadMaxBytes: Type.Integer({
      default: 50 * 1024 ** 3,
      minimum: 1024 ** 2,
      description: 'what files of downloads and the current rows they are made from may take together',
    }),
    downloadTraceDays: Type.Integer({
      default: 400,
      minimum: 180,
      maximum: 3650,
      description:
        'how long the record is kept by which the rows of a download are recognised in a found file',
    }),
    accessSteps: Type.Array(Type.String({ pattern: '^[a-z0-9][a-z0-9_-]{0,49}$' }), {
      default: [],
      uniqueItems: true,
      description:
        '邀请前置机之前须办的接入手续 / steps of the access procedure to be recorded before an agent may be invited',
    }),
    totpRoles: Type.Array(Type.Union(roles.map((role) => Type.Literal(role))), {
      default: [],
      uniqueItems: true,
      description: '须用动态口令登录的角色 / roles that sign in with a one-time code as well (RFC 6238)',
    }),
    auditKeepDays: Type.Integer({
      default: 365,
      minimum: 180,
      maximum: 3650,
      description:
        'how long entries of the audit stay in the database; whole months older than that go into files below the data folder first',
    }),
    evidenceKeepDays: Type.Integer({
      default: 365,
      minimum: 180,
      maximum: 3650,
      description:
        'how long manifests, deliveries and receipts stay in the database; whole months older than that go into files below the data folder first',
    }),
    datasetMemoryMiB: Type.Integer({
      default: 512,
      minimum: 128,
      description: 'memory limit of the child process that makes them; its own memory is up to 400 MiB above',
    }),
    policy: Type.Optional(
      Type.Object(
        {
          profile: Type.Optional(
            Type.String({ minLength: 1, description: '施行的政策配置代号 / id of the profile in force' }),
          ),
          folder: Type.Optional(
            Type.String({
              minLength: 1,
              description: '本地政策配置的文件夹 / folder of further profiles, looked in first',
            }),
          ),
        },
        {
          additionalProperties: false,
          description:
            'without a profile here `qianzhi policy use NAME --reason REASON` chooses it; without either it is national-2025',
        },
      ),
    ),
    dutyReminderDays: Type.Integer({
      default: 2,
      minimum: 0,
      maximum: 30,
      description: 'days of a deadline left when its owner is reminded; never more than half of it',
    }),
    dutyEscalationDays: Type.Integer({
      default: 3,
      minimum: 0,
      maximum: 365,
      description: 'working days overdue after which a duty is put before the competent department',
    }),
    packages: Type.Optional(
      Type.Object(
        {
          ...packageSettings,
          agents: Type.Array(Type.String(), {
            minItems: 1,
            uniqueItems: true,
            description: '只经摆渡包往来的前置机 / agents that packages alone join to this platform',
          }),
        },
        {
          additionalProperties: false,
          description: '摆渡包:经网闸或介质往来 / packages, where media or a one-way gateway carry them',
        },
      ),
    ),
    monitor: Type.Optional(MonitorSchema),
    logLevel: Type.Union(
      (['fatal', 'error', 'warn', 'info', 'debug', 'silent'] as const).map((level) => Type.Literal(level)),
      { default: 'info' },
    ),
  },
  { $id: 'PlatformConfig', additionalProperties: false },
);
export type PlatformConfig = Static<typeof PlatformConfigSchema>;
/** The settings that have no default, and any of the others. */
export type PlatformConfigInput = Pick<PlatformConfig, 'dataDir'> & Partial<PlatformConfig>;
