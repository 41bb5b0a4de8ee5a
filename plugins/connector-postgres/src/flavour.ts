/** A database that speaks PostgreSQL's protocol and has its catalog, in what it differs. */
export interface Flavour {
  /** What a config names. */
  readonly type: string;
  /** As a person knows it. */
  readonly product: string;
  readonly port: number;
  /** SQL that tells the version as a person knows it. */
  readonly version: string;
  /** Settings that this database alone may have, with the value under which it behaves like PostgreSQL; set where it has them. */
  readonly settings: Readonly<Record<string, string>>;
}

export const postgres: Flavour = {
  type: 'postgres',
  product: 'PostgreSQL',
  port: 5432,
  version: `pg_catalog.current_setting('server_version')`,
  settings: {},
};

/** KingbaseES: in its Oracle mode an empty text would be NULL on its way in. */
export const kingbase: Flavour = {
  type: 'kingbase',
  product: 'KingbaseES',
  port: 54_321,
  version: 'pg_catalog.version()',
  settings: { ora_input_emptystr_isnull: 'off' },
};
