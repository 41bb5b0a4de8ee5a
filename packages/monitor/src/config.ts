import { type Static, Type } from '@qianzhi/model/schema';

/** `monitor` of agent.yaml and platform.yaml. Without it no port is opened. */
export const MonitorSchema = Type.Object(
  {
    host: Type.String({
      default: '127.0.0.1',
      minLength: 1,
      description:
        '监听地址;接口无登录,只应在本机或管理网 / address to listen on: there is no sign-in, keep it on loopback or a management network',
    }),
    port: Type.Integer({
      minimum: 0,
      maximum: 65_535,
      description: '/livez /readyz /metrics 的端口,0 为任意空闲端口 / their port, 0: a free one',
    }),
  },
  { additionalProperties: false },
);
export type MonitorConfig = Static<typeof MonitorSchema>;
