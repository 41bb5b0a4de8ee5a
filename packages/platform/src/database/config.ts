import { type Static, Type } from '@qianzhi/model/schema';

const TlsSchema = Type.Object(
  {
    mode: Type.Union(
      (['disable', 'require', 'verify-ca', 'verify-full'] as const).map((mode) => Type.Literal(mode)),
      {
        description:
          'require trusts any certificate; verify-ca wants a known authority, verify-full also the host name',
      },
    ),
    ca: Type.Optional(Type.String({ minLength: 1, description: 'authority certificates, PEM' })),
  },
  { additionalProperties: false },
);

const PostgresSchema = Type.Object(
  {
    kind: Type.Literal('postgres'),
    host: Type.String({ minLength: 1 }),
    port: Type.Optional(Type.Integer({ minimum: 1, maximum: 65_535, description: '5432 unless told' })),
    database: Type.String({ minLength: 1, maxLength: 63 }),
    user: Type.String({ minLength: 1, maxLength: 63 }),
    password: Type.Optional(Type.String({ minLength: 1, secret: true })),
    schema: Type.Optional(
      Type.String({
        pattern: '^[a-z_][a-z0-9_]{0,62}$',
        description: 'qianzhi unless told; made at the first start if it is missing',
      }),
    ),
    ssl: Type.Optional(TlsSchema),
  },
  { additionalProperties: false },
);
export type PostgresDatabase = Static<typeof PostgresSchema>;

/** What stands for what is not told: a schema's own defaults do not reach into a union. */
export const postgresDefaults = { port: 5432, schema: 'qianzhi' } as const;

/** Where the platform's tables are. Batch bytes and keys stay in the data folder. */
export const DatabaseSchema = Type.Union(
  [Type.Object({ kind: Type.Literal('sqlite') }, { additionalProperties: false }), PostgresSchema],
  { default: { kind: 'sqlite' }, description: 'sqlite: a file in the data folder; or a PostgreSQL schema' },
);
export type DatabaseConfig = Static<typeof DatabaseSchema>;
