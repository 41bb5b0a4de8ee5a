/** A row of the table of rules: where a rule lives and which test files show it kept and broken; paths from the root. */
export interface RuleRow {
  readonly rule: string;
  readonly places: readonly string[];
  readonly tests: readonly string[];
}

const PLATFORM = 'packages/platform/src/';
const RULE = /^R\d{3}$/;

/** Rows of every table in a readme that begin with the id of a rule. Paths in code marks are below the platform's `src` unless they begin at the root. */
export function readRuleTable(readme: string): RuleRow[] {
  return readme.split('\n').flatMap((line) => {
    const cells = line.split('|').map((cell) => cell.trim());
    const [, rule = ''] = cells;
    if (!line.startsWith('|') || !RULE.test(rule)) return [];
    const [places = '', tests = ''] = cells.slice(-3, -1);
    return [{ rule, places: pathsIn(places), tests: pathsIn(tests) }];
  });
}

function pathsIn(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)]
    .map(([, code]) => code!)
    .filter((code) => /^[\w./-]+$/.test(code) && code.includes('/'))
    .map((path) => (/^(packages|plugins|config|test)\//.test(path) ? path : PLATFORM + path));
}
