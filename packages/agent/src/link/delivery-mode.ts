import type { ReceiveRequest } from '@qianzhi/plugin-api';

const known = ['docking', 'sftp'] as const;

/** The mode as a request says it; nothing for a mode of a plugin's own, which the platform does not know. */
export function deliveryModeOf({ mode }: Pick<ReceiveRequest, 'mode'>): {
  readonly mode?: (typeof known)[number];
} {
  const found = known.find((one) => one === mode);
  return found ? { mode: found } : {};
}
