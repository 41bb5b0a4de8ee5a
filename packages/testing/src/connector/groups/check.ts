import assert from 'node:assert/strict';
import { failsWith, withinMs } from '../assertions.js';
import type { ContractSuite } from '../contract.js';

const checkDeadlineMs = 30_000;

export const checkGroup: ContractSuite = {
  group: 'check',
  tests: {
    'reports server and version where all is well': async ({ connect, signal }) => {
      const report = await (await connect()).check(signal);
      assert.ok(report.server && report.version, 'server and version are named');
      for (const note of report.notes) assert.ok(note.zh && note.en, 'a note is in both languages');
    },
    'fails with a coded error for each wrong config': async ({ connect, site, signal }) => {
      assert.ok(site.wrongConfigs.length > 0, 'the harness gives at least one wrong config');
      for (const { name, config, kinds } of site.wrongConfigs) {
        const attempt = async () => (await connect(config)).check(signal);
        await withinMs(
          checkDeadlineMs,
          `check with ${name}`,
          failsWith(kinds, `check with ${name}`, attempt),
        );
      }
    },
  },
};
