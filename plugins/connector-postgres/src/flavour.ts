/** A database that speaks PostgreSQL's protocol and has its catalog, in what it differs. */
export interface Flavour {
  /** What a config names. */
  readonly type: string;
  /** As a person knows it. */
  readonly product: string;
  readonly port: number;
  /** SQL that tells the version as a person knows it. */
  readonly version: string;
  /** Oldest version that is taken, as `server_version_num`. */
  readonly oldest: number;
  /** Whatever version it says it has: of what PostgreSQL brought later nothing is used. */
  readonly kernel?: number;
  /** Settings that this database alone may have, with the value under which it behaves like PostgreSQL. */
  readonly settings: Readonly<Record<string, string>>;
  /** Its log can be followed by slots and pgoutput. */
  readonly log: boolean;
  /** In some of its modes an empty text is NULL: a session that writes looks whether it is. */
  readonly mayLoseEmptyText: boolean;
}

export const postgres: Flavour = {
  type: 'postgres',
  product: 'PostgreSQL',
  port: 5432,
  version: `pg_catalog.current_setting('server_version')`,
  oldest: 90_600,
  settings: {},
  log: true,
  mayLoseEmptyText: false,
};

/** KingbaseES: in its Oracle mode an empty text would be NULL on its way in. */
export const kingbase: Flavour = {
  type: 'kingbase',
  product: 'KingbaseES',
  port: 54_321,
  version: 'pg_catalog.version()',
  oldest: 90_600,
  settings: { ora_input_emptystr_isnull: 'off' },
  log: false,
  mayLoseEmptyText: true,
};

/**
 * openGauss: PostgreSQL 9.2.4 in its core, and says so. In its A mode (the default) an empty text is NULL unless it is told
 * otherwise, and 0.25 is printed as .25; idle sessions are closed after ten minutes.
 */
export const opengauss: Flavour = {
  type: 'opengauss',
  product: 'openGauss',
  port: 5432,
  version: 'pg_catalog.version()',
  oldest: 90_200,
  kernel: 90_204,
  settings: { behavior_compat_options: 'accept_empty_str,display_leading_zero', session_timeout: '0' },
  log: false,
  mayLoseEmptyText: true,
};

/** GaussDB (centralised), of the same kernel. */
export const gaussdb: Flavour = { ...opengauss, type: 'gaussdb', product: 'GaussDB', port: 8000 };
