import assert from 'node:assert/strict';
import { checkShape } from '@qianzhi/model';
import type { ContractSuite } from '../contract.js';
import type { ConnectorHarness, ContractGroup } from '../harness.js';
import { enterprise } from '../resources.js';

/** Groups that follow from the capabilities, and when each is supported. */
const byCapability: Partial<Record<ContractGroup, (harness: ConnectorHarness) => boolean>> = {
  snapshot: ({ connector }) => connector.capabilities.read.includes('snapshot'),
  watermark: ({ connector }) => connector.capabilities.read.includes('watermark'),
  'change-table': ({ connector }) => connector.capabilities.read.includes('change-table'),
  'sink-merge': ({ connector }) => connector.capabilities.write.includes('merge'),
  'sink-snapshot': ({ connector }) => connector.capabilities.write.some((mode) => mode !== 'append'),
};

export const describeGroup: ContractSuite = {
  group: 'describe',
  tests: {
    'is a connector with three schemas': async ({ harness: { connector } }) => {
      assert.equal(connector.kind, 'connector');
      for (const schema of [connector.configSchema, connector.sourceSchema, connector.targetSchema]) {
        assert.deepEqual(
          JSON.parse(JSON.stringify(schema)).type,
          'object',
          'a schema is JSON and describes an object',
        );
      }
    },
    'declares capabilities as plain data that agree with each other': async ({ harness: { connector } }) => {
      const { capabilities } = connector;
      assert.deepEqual(JSON.parse(JSON.stringify(capabilities)), capabilities, 'capabilities are plain data');
      assert.ok(!capabilities.read.includes('diff'), '`diff` is the work of the engine');
      for (const strategy of capabilities.seesDeletes) {
        assert.ok(
          capabilities.read.includes(strategy),
          `sees deletes by ${strategy}, which it does not read`,
        );
      }
      const named = [...capabilities.read, ...capabilities.write];
      assert.equal(new Set(named).size, named.length, 'no strategy or write mode is named twice');
      assert.ok(named.length > 0, 'a connector reads or writes');
    },
    'does what the harness does not write down as unsupported': async ({ harness }) => {
      for (const [group, supported] of Object.entries(byCapability)) {
        const declared = harness.unsupported[group as ContractGroup] === undefined;
        assert.equal(
          supported(harness),
          declared,
          `${group}: capabilities and the harness's \`unsupported\` disagree`,
        );
      }
    },
    'accepts its own config, source and target': async ({ harness: { connector }, site }) => {
      checkShape(connector.configSchema, structuredClone(site.config), 'config');
      const table = await site.createTable(enterprise, {
        changeTable: connector.capabilities.read.includes('change-table'),
        flag: connector.capabilities.read.includes('flag'),
      });
      for (const strategy of connector.capabilities.read) {
        checkShape(connector.sourceSchema, structuredClone(table.source(strategy)), `source (${strategy})`);
      }
      if (connector.capabilities.write.length > 0) {
        checkShape(connector.targetSchema, structuredClone(table.target), 'target');
      }
    },
    'refuses a config with an unknown setting': async ({ harness: { connector }, site }) => {
      const config = { ...(site.config as object), 'no-such-setting': true };
      assert.throws(() => checkShape(connector.configSchema, config, 'config'), /no-such-setting/);
    },
  },
};
