/** Which family of server it is, and how it says what the families say differently. */
export interface Flavour {
  readonly family: 'MySQL' | 'MariaDB' | 'TiDB' | 'OceanBase';
  /** As the server prints it. */
  readonly version: string;
  /** `major * 10000 + minor * 100 + patch`: 80036, 101119; of TiDB and OceanBase that of the MySQL they imitate. */
  readonly number: number;
  readonly tooOld: boolean;
  /** Assignment of the limit of one statement, to be put behind `SET SESSION`. */
  statementLimit(ms: number): string;
}

export function flavourOf(version: string, comment: string): Flavour {
  const about = `${version} ${comment}`;
  // MariaDB calls itself 5.5.5-10.… to old replicas
  const digits = /(\d+)\.(\d+)\.(\d+)/.exec(version.replace(/^5\.5\.5-(?=\d)/, ''));
  const number = digits ? Number(digits[1]) * 10_000 + Number(digits[2]) * 100 + Number(digits[3]) : 0;
  const family = /mariadb/i.test(about)
    ? 'MariaDB'
    : /tidb/i.test(about)
      ? 'TiDB'
      : /oceanbase/i.test(about)
        ? 'OceanBase'
        : 'MySQL';
  return {
    family,
    version,
    number,
    tooOld: number < (family === 'MariaDB' ? 100_200 : 50_700),
    statementLimit: (ms) =>
      family === 'MariaDB'
        ? `max_statement_time = ${ms / 1000}`
        : family === 'OceanBase'
          ? `ob_query_timeout = ${ms * 1000}`
          : `max_execution_time = ${ms}`,
  };
}
