import { resolve } from 'node:path';
import type { PlatformPlace } from '@qianzhi/platform';
import { Flags } from '#oclif';

/** Flags of the commands that work on a platform's own files, beside it and not through it. */
export const placeFlags = {
  config: Flags.string({
    summary:
      '平台的配置文件;表在 PostgreSQL 中时须给出 / the platform’s config file; needed where its tables are in PostgreSQL',
  }),
  'data-dir': Flags.string({
    summary: '数据目录,优先于配置文件 / data folder; goes before the config file’s',
  }),
};

/** Without either, the place where `platform start` puts one. */
export async function readPlatformPlace(flags: {
  readonly config?: string;
  readonly 'data-dir'?: string;
}): Promise<PlatformPlace> {
  const { readPlatformConfig } = await import('./platform-config.js');
  const fromFile = flags.config === undefined ? undefined : await readPlatformConfig(flags.config);
  return {
    dataDir: resolve(flags['data-dir'] ?? fromFile?.dataDir ?? 'platform-data'),
    database: fromFile?.database ?? { kind: 'sqlite' },
  };
}
