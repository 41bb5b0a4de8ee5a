import { defineConfig } from 'vitest/config';

/** Tests import the packages' sources; programs they start (CLI, DuckDB child) run the built files. */
export default defineConfig({
  resolve: { conditions: ['@qianzhi/source'] },
  ssr: { resolve: { conditions: ['@qianzhi/source', 'node'] } },
  test: {
    include: ['{packages,plugins}/*/src/**/*.test.ts', 'test/**/*.test.ts'],
    globalSetup: ['test/services/setup.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
  },
});
