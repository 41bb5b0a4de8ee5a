import { Flags } from '#oclif';

/** Where receipts come from: the running agent unless told. */
export const evidenceFlags = {
  platform: Flags.boolean({ summary: '取自平台(须已登录)/ from the platform, as the signed-in person' }),
  profile: Flags.string({
    summary: '与 --platform 连用:登录身份 / with --platform: which sign-in to use',
    env: 'QZ_PROFILE',
    default: 'default',
  }),
  name: Flags.string({
    summary: '前置机:数据流名称或资源代码 / agent: name of a stream or delivery, or resource code',
  }),
  resource: Flags.string({ summary: '平台:资源代码 / platform: resource code' }),
  agreement: Flags.string({ summary: '平台:授权编号 / platform: id of an agreement' }),
};

export interface EvidenceFlags {
  readonly config: string;
  readonly platform: boolean;
  readonly profile: string;
  readonly name?: string | undefined;
  readonly resource?: string | undefined;
  readonly agreement?: string | undefined;
}
