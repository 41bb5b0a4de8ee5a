import { expect, it } from 'vitest';
import { wrapSink } from '../broken/wrap.js';
import { referenceErrors } from '../errors.js';
import { referenceHarness } from '../reference/harness.js';
import type { ConnectorHarness } from './harness.js';
import { runContract } from './run-contract.js';

async function failedIn(harness: ConnectorHarness): Promise<string[]> {
  const failed = (await runContract(harness)).filter((result) => result.error !== undefined);
  return failed.map((result) => `${result.group}: ${result.name}`);
}

/** A target that takes no number of more than 30 digits, and says so. */
function narrowHarness(): ConnectorHarness {
  const good = referenceHarness();
  const connector = wrapSink(good.connector, (sink) => ({
    async write(batch, onRejected, signal) {
      const [, value] = batch.resource.items;
      if ((value?.precision ?? 0) > 30)
        throw referenceErrors.NOT_SUPPORTED({ what: 'long numbers', known: '30 digits' });
      return sink.write(batch, onRejected, signal);
    },
  }));
  return { ...good, connector };
}

const reason = 'the column type holds 30 digits';

it('a value that cannot be held must be written down', async () => {
  const failed = await failedIn(narrowHarness());
  expect(failed).toContain('values: decimal-38-digits unchanged, both ways');
  const long = failed.map((name) => /^values: (\S+) unchanged/.exec(name)?.[1] ?? name);
  const unsupportedValues = Object.fromEntries(long.map((name) => [name, reason]));
  expect(await failedIn({ ...narrowHarness(), unsupportedValues })).toEqual([]);
});

it('a value that is written down, but carried, is found', async () => {
  const failed = await failedIn({
    ...referenceHarness(),
    unsupportedValues: { money: reason, 'no-such-vector': reason },
  });
  expect(failed).toEqual([
    'values: money unchanged, both ways',
    'values: every value written down as unsupported is a vector',
  ]);
});

it('a group that is written down as unsupported, but is supported, is found twice', async () => {
  const failed = await failedIn({ ...referenceHarness(), unsupported: { watermark: 'not yet' } });
  expect(failed).toEqual([
    'describe: does what the harness does not write down as unsupported',
    'watermark: is refused: not yet',
  ]);
});

it('a group that cannot be left out is found', async () => {
  expect(await failedIn({ ...referenceHarness(), unsupported: { confirm: 'not yet' } })).toEqual([
    'confirm: is refused: not yet',
  ]);
});
