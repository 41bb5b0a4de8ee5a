import { type LentBody, lendBody, rowLimits } from '@qianzhi/rows';

/**
 * Memory for the stored bytes of one batch, which the engine returns once it has opened them; undefined for more than a
 * batch may have.
 */
export function batchMemory(bytes: number): LentBody | undefined {
  return bytes <= rowLimits.batchRawBytes ? lendBody(bytes) : undefined;
}
