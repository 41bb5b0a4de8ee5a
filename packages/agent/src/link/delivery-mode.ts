import type { ReceiveRequest } from '@qianzhi/plugin-api';

/** The mode as a request says it; nothing for a mode of a plugin's own, which the platform does not know. */
export function deliveryModeOf({ mode }: Pick<ReceiveRequest, 'mode'>): {
  readonly mode?: 'docking' | 'sftp';
} {
  return mode === 'docking' || mode === 'sftp' ? { mode } : {};
}
