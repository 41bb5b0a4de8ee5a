import type { Refusal, RefusalGround } from '@qianzhi/model';
import { Flags } from '#oclif';

/** How a refusal is grounded (R064). */
export const refusalFlags = {
  ground: Flags.option({
    options: ['law', 'secret', 'unrelated', 'excessive', 'not-held', 'internal-rule'] as const,
    summary:
      '不同意的理由类别:法律法规、国家秘密、与事项无关、超出最小够用、不掌握;内部规定不得作为理由 (R028) / ground of the refusal; an internal rule is none',
  })(),
  'legal-basis': Flags.string({ summary: '不同意的法律依据 (R064) / legal basis of the refusal' }),
};

export function refusalOf(
  reason: string,
  flags: {
    readonly ground?: RefusalGround | undefined;
    readonly 'legal-basis'?: string | undefined;
  },
): Refusal {
  return {
    reason,
    ...(flags.ground && { ground: flags.ground }),
    ...(flags['legal-basis'] && { legalBasis: flags['legal-basis'] }),
  };
}
