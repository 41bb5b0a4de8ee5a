import type { Config } from '@oclif/core/config';
import type { PackageStatus } from '@qianzhi/model';
import { expect, it } from 'vitest';
import { PackageCommand } from './package-command.js';

class Shown extends PackageCommand {
  readonly lines: string[] = [];
  override log(line = '') {
    this.lines.push(line);
  }
  async run() {
    this.showStatus(status);
  }
}

const at = '2026-11-27T00:21:45.650Z';
const status: PackageStatus = {
  self: 'sw-agent',
  peer: 'platform',
  sent: 2,
  confirmed: 1,
  outstanding: [{ number: 2, file: 'b.qzp', sentAt: at, bytes: 10 }],
  taken: 1,
  takenAt: at,
  waiting: [],
  missing: [],
  refused: [
    {
      file: 'x.qzp',
      at,
      problem: {
        code: 'QZ_PACKAGE_ALTERED',
        kind: 'integrity',
        texts: { zh: { message: '摆渡包已被改动', hint: '' }, en: { message: 'altered', hint: '' } },
        details: {},
      } as unknown as PackageStatus['refused'][number]['problem'],
    },
  ],
};

it('package status tells times by the clock of this machine, as all commands do, and why a package was refused', async () => {
  const shown = new Shown([], {} as Config);
  await shown.run();
  expect(shown.lines.join('\n')).not.toContain(at);
  expect(shown.lines.filter((line) => /2026-11-2\d \d\d:21:45/.test(line))).toHaveLength(3);
  expect(shown.lines.at(-1)).toContain('QZ_PACKAGE_ALTERED  摆渡包已被改动');
});
