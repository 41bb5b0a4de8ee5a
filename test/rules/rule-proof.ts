import { existsSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import type { Reporter, TestModule, Vitest, VitestPluginContext } from 'vitest/node';
import { type PassedTest, proofGaps, type RuleScope, tableGaps } from './gaps.js';
import { readRuleTable } from './rule-table.js';

export interface RuleProofOptions extends RuleScope {
  /** File of the table, from the root. */
  readonly table: string;
}

/**
 * Fails a run of the whole suite in which a rule of the table has no test that was executed and passed. Says nothing of a run of some
 * files, projects or names only. A plugin, since reporters named on the command line take the place of configured ones.
 */
export function ruleProof(options: RuleProofOptions) {
  let vitest: Vitest | undefined;
  const reporter: Reporter = {
    async onTestRunEnd(modules, _errors, reason) {
      if (!vitest || reason === 'interrupted' || !(await ranEverything(vitest, modules))) return;
      const gaps = gapsAfter(vitest.config.root, modules, options);
      if (gaps.length === 0) return;
      vitest.logger.error(
        `\nThe table of rules in ${options.table} is not proven:\n  ${gaps.join('\n  ')}\n`,
      );
      process.exitCode = 1;
    },
  };
  return {
    name: 'rule-proof',
    // called for every project
    configureVitest(context: VitestPluginContext) {
      if (vitest) return;
      vitest = context.vitest;
      context.vitest.config.reporters.push(reporter);
    },
  };
}

async function ranEverything(vitest: Vitest, modules: readonly TestModule[]): Promise<boolean> {
  const { project, testNamePattern, shard } = vitest.config;
  if (project.length > 0 || testNamePattern !== undefined || shard) return false;
  return modules.length === (await vitest.globTestSpecifications()).length;
}

function gapsAfter(
  root: string,
  modules: readonly TestModule[],
  { table, ...scope }: RuleProofOptions,
): string[] {
  const rows = readRuleTable(readFileSync(join(root, table), 'utf8'));
  const passed = modules.flatMap(({ moduleId, children }): PassedTest[] => {
    const file = relative(root, moduleId).split(sep).join('/');
    return [...children.allTests('passed')].map(({ fullName }) => ({ file, title: fullName }));
  });
  return [...tableGaps(rows, scope, (path) => existsSync(join(root, path))), ...proofGaps(rows, passed)];
}
