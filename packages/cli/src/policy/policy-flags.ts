import { shippedProfiles } from '@qianzhi/platform/policy';
import { Flags } from '#oclif';

/** Where profiles are looked for by id. */
export const policyFlags = {
  dir: Flags.string({
    summary:
      '政策配置所在文件夹;默认为随程序提供的 / folder of the profiles; those of the program by default',
    default: shippedProfiles,
    defaultHelp: 'config/policy',
  }),
};
