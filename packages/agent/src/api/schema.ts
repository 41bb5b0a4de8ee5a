import { type Static, Type } from '@qianzhi/model/schema';

/** `api` of agent.yaml: the HTTP API for the department's own business systems. Without it no port is opened. */
export const ApiSchema = Type.Object(
  {
    host: Type.String({
      default: '127.0.0.1',
      minLength: 1,
      description: '监听地址;回环以外须配置 tls / address to listen on; anything but loopback needs `tls`',
    }),
    port: Type.Integer({
      minimum: 0,
      maximum: 65_535,
      description: '端口,0 为任意空闲端口 / port, 0: a free one',
    }),
    tls: Type.Optional(
      Type.Object(
        {
          certificate: Type.String({
            minLength: 1,
            description: 'PEM 证书链文件 / file of the certificate chain',
          }),
          key: Type.String({ minLength: 1, description: 'PEM 私钥文件 / file of the private key' }),
        },
        { additionalProperties: false },
      ),
    ),
    requestsPerMinute: Type.Integer({
      minimum: 1,
      default: 6_000,
      description: '每个密钥每分钟请求数 / requests a minute of each key',
    }),
    maxBodyMiB: Type.Integer({
      minimum: 1,
      maximum: 256,
      default: 16,
      description: '一次请求的最大字节 / most bytes of one request',
    }),
    maxLineKiB: Type.Integer({
      minimum: 1,
      maximum: 65_536,
      default: 1_024,
      description: '批量推送中一行的最大字节 / most bytes of one line of a bulk',
    }),
    maxRecords: Type.Integer({
      minimum: 1,
      maximum: 100_000,
      default: 10_000,
      description: '一次批量推送的最多记录 / most records of one bulk',
    }),
    maxStreams: Type.Integer({
      minimum: 1,
      maximum: 10_000,
      default: 100,
      description: '同时打开的事件流 / event streams open at a time',
    }),
  },
  { additionalProperties: false },
);
export type ApiConfig = Static<typeof ApiSchema>;

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}
