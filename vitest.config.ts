import { defineConfig } from 'vitest/config';
import { LongFirst } from './test/long-first.js';
import { ruleProof } from './test/rules/rule-proof.js';
import { pendingRules, rulesInScope } from './test/rules/scope.js';
import { hasPostgres } from './test/services/postgres.js';

/** The platform's whole suite once more, with its tables in PostgreSQL. */
const onPostgres = {
  extends: true as const,
  test: {
    name: 'platform on PostgreSQL',
    include: ['packages/platform/src/**/*.test.ts'],
    exclude: ['packages/platform/src/database/postgres.test.ts', '**/*.mocked.test.ts'],
    isolate: false,
    env: { QZ_TEST_DATABASE: 'postgres' },
  },
};

/** A module that is mocked must not be loaded yet: each of these files has a process of its own. */
const mocked = {
  extends: true as const,
  test: { name: 'mocked', include: ['{packages,plugins}/*/src/**/*.mocked.test.ts'] },
};

/** Make and install the archive in some minutes of disk work, so by themselves: `npm run test:bundle`, `npm run test:systemd`. */
const bundle = {
  extends: true as const,
  test: { name: 'bundle', include: ['test/e2e/bundle/bundle.test.ts'] },
};
const systemd = {
  extends: true as const,
  test: { name: 'systemd', include: ['test/e2e/bundle/systemd.test.ts'] },
};

/** Tests import the packages' sources; programs they start (CLI, DuckDB child) run the built files. */
export default defineConfig({
  plugins: [
    ruleProof({ table: 'packages/platform/README.md', inScope: rulesInScope, pending: pendingRules }),
  ],
  resolve: { conditions: ['@qianzhi/source'] },
  ssr: { resolve: { conditions: ['@qianzhi/source', 'node'] } },
  test: {
    testTimeout: 30_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    sequence: { sequencer: LongFirst },
    globalSetup: ['test/services/setup.ts'],
    projects: [
      {
        extends: true,
        test: {
          name: 'qianzhi',
          include: ['{packages,plugins}/*/src/**/*.test.ts', 'test/**/*.test.ts'],
          exclude: [...bundle.test.include, ...systemd.test.include, ...mocked.test.include],
          // modules are loaded once for each worker: to load them for each file took a third of the time
          isolate: false,
        },
      },
      mocked,
      ...(hasPostgres() ? [onPostgres] : []),
      ...(process.env.QZ_TEST_BUNDLE === '1' ? [bundle, systemd] : []),
    ],
  },
});
