import { type Static, Type } from '@qianzhi/model/schema';

const Fingerprint = Type.String({ pattern: '^SHA256:[A-Za-z0-9+/]{43}=?$' });

/** Connection config: a folder on an SFTP server, and the local folder that holds copies on their way. */
export const SftpConfigSchema = Type.Object(
  {
    host: Type.String({ minLength: 1, description: '主机名或地址 / host name or address' }),
    port: Type.Integer({ minimum: 1, maximum: 65_535, default: 22, description: '端口 / port' }),
    user: Type.String({ minLength: 1, maxLength: 100, description: '登录用户 / user to log in as' }),
    folder: Type.String({
      minLength: 1,
      default: '.',
      description: '服务器上的文件夹 / folder on the server',
    }),
    path: Type.String({
      minLength: 1,
      description: '本机文件夹:途中的副本与台账 / local folder: copies on their way, and the ledger',
    }),
    password: Type.Optional(Type.String({ minLength: 1, secret: true, description: '口令 / password' })),
    privateKey: Type.Optional(
      Type.String({ minLength: 1, secret: true, description: '私钥(OpenSSH、PEM)/ private key' }),
    ),
    passphrase: Type.Optional(
      Type.String({ minLength: 1, secret: true, description: '私钥的口令 / passphrase of the key' }),
    ),
    hostFingerprint: Type.Optional(
      Type.Union([Fingerprint, Type.Array(Fingerprint, { minItems: 1 })], {
        description:
          '服务器公钥指纹 SHA256:…,先向对方核对;换钥时可写两个 / fingerprint of the host key, compared with its operator; two while it changes',
      }),
    ),
    readOnly: Type.Boolean({
      default: false,
      description: '只作来源:不移动、不删除、不写入 / source only: nothing is moved, deleted or written',
    }),
    verify: Type.Union([Type.Literal('digest'), Type.Literal('size')], {
      default: 'digest',
      description:
        '写后核对:读回并比对摘要,或只比大小 / after writing: read back and compare digests, or sizes',
    }),
    timeoutSeconds: Type.Integer({
      minimum: 1,
      maximum: 600,
      default: 30,
      description: '一次请求无应答的时限 / how long one request may stay without an answer',
    }),
  },
  { additionalProperties: false },
);
export type SftpConfig = Static<typeof SftpConfigSchema>;
