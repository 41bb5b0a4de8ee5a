import { defineErrors } from '@qianzhi/model';

/** What the platform double refuses, as the real one would. */
export const platformDoubleErrors = defineErrors('PLATFORM_DOUBLE', {
  GAP: {
    kind: 'conflict',
    zh: { message: '批次不连续:{seq}', hint: '按序重发' },
    en: { message: 'gap before {seq}', hint: 'send in order' },
  },
  FORK: {
    kind: 'integrity',
    zh: { message: '同序不同内容:{seq}', hint: '查看流' },
    en: { message: 'other content at {seq}', hint: 'look at the stream' },
  },
  WRONG: {
    kind: 'integrity',
    zh: { message: '不可接受:{what}', hint: '查看' },
    en: { message: 'refused: {what}', hint: 'look' },
  },
  DOWN: {
    kind: 'unavailable',
    zh: { message: '不可达', hint: '稍后' },
    en: { message: 'unreachable', hint: 'later' },
  },
});

export const targetDoubleErrors = defineErrors('TARGET_DOUBLE', {
  POISON: {
    kind: 'data',
    zh: { message: '无法写入', hint: '查看' },
    en: { message: 'cannot be written', hint: 'look' },
  },
});
