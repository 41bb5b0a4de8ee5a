import { defineErrors } from '@qianzhi/model';

export const usageErrors = defineErrors('PLATFORM', {
  QUOTA_USED: {
    kind: 'unavailable',
    zh: {
      message: '协议 {agreement} 的配额已用完:{bound} 为 {limit},已用 {used}',
      hint: '{again} 之后可继续;需要更多时扩展申请并以 --quota 写明 {bound}:qianzhi agreement apply {resource} --matter 事项',
    },
    en: {
      message: 'the quota of agreement {agreement} is used up: {bound} is {limit}, {used} are used',
      hint: 'it goes on after {again}; for more, extend it and give {bound} by --quota: `qianzhi agreement apply {resource} --matter MATTER`',
    },
  },
});
