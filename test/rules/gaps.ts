import type { RuleRow } from './rule-table.js';

export interface RuleScope {
  readonly inScope: readonly string[];
  readonly pending: readonly string[];
}

/** What is wrong with the table itself. */
export function tableGaps(
  rows: readonly RuleRow[],
  { inScope, pending }: RuleScope,
  exists: (path: string) => boolean,
): string[] {
  const listed = rows.map(({ rule }) => rule);
  const missing = inScope.filter((rule) => !listed.includes(rule) && !pending.includes(rule));
  const landed = pending.filter((rule) => listed.includes(rule));
  return [
    ...missing.map((rule) => `${rule} is in scope and has no row in the table`),
    ...landed.map((rule) => `${rule} has a row in the table: take it from the pending rules`),
    ...listed
      .filter((rule, at) => listed.indexOf(rule) !== at)
      .map((rule) => `${rule} has more than one row in the table`),
    ...rows.flatMap(({ rule, places, tests }) => [
      ...(places.length === 0 ? [`${rule} does not say where it lives`] : []),
      ...(tests.length === 0 ? [`${rule} names no test`] : []),
      ...[...places, ...tests]
        .filter((path) => !exists(path))
        .map((path) => `${rule} names ${path}: no such file`),
    ]),
  ];
}

/** A test that ran and passed, with the titles of the groups it stands in. */
export interface PassedTest {
  readonly file: string;
  readonly title: string;
}

/** Rules of the table without a test, in a file that the table names for them, that passed under their id. */
export function proofGaps(rows: readonly RuleRow[], passed: readonly PassedTest[]): string[] {
  const shown = new Set(
    passed.flatMap(({ file, title }) => (title.match(/\bR\d{3}\b/g) ?? []).map((rule) => `${rule} ${file}`)),
  );
  return rows.flatMap(({ rule, tests }) =>
    tests
      .filter((file) => !shown.has(`${rule} ${file}`))
      .map((file) => `${rule}: no test with this id in its title passed in ${file}`),
  );
}
