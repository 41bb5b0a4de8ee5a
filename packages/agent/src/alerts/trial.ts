import { randomUUID } from 'node:crypto';
import { isQianzhiError, type QianzhiError, throwIfCancelled } from '@qianzhi/model';
import { loadConfig } from '../config/load.js';
import { agentErrors } from '../errors.js';
import { readIdentity } from '../identity/identity-file.js';
import { channelsOf } from './channels/channels.js';
import type { AlertMessage } from './message.js';

export interface Trial {
  /** `webhook:NAME` or `mail:NAME`. */
  readonly channel: string;
  readonly error?: QianzhiError;
}

const DEADLINE_MS = 30_000;

/**
 * Sends a trial through each channel of a config, or through the one named, and yields how it went; the agent need not
 * run. Throws QZ_AGENT_ALERT_CHANNELS_MISSING, _ALERT_CHANNEL_UNKNOWN, and what is wrong with the config's `alerts`.
 */
export async function* sendTrials(
  configFile: string,
  only: string | undefined,
  signal: AbortSignal,
): AsyncGenerator<Trial> {
  const { config, stateDir } = await loadConfig(configFile, process.env, (error, pointer) => {
    if (pointer.startsWith('/alerts')) throw error;
  });
  const channels = channelsOf(config);
  if (channels.length === 0) throw agentErrors.ALERT_CHANNELS_MISSING();
  const chosen = channels.filter(({ id }) => only === undefined || id === only);
  const known = channels.map(({ id }) => id).join(', ');
  if (chosen.length === 0) throw agentErrors.ALERT_CHANNEL_UNKNOWN({ channel: only, known });
  const { agent, department } = (await readIdentity(stateDir)) ?? { agent: '—', department: '—' };
  for (const channel of chosen) {
    try {
      await channel.send(
        trialOf(agent, department),
        AbortSignal.any([signal, AbortSignal.timeout(DEADLINE_MS)]),
      );
      yield { channel: channel.id };
    } catch (error) {
      throwIfCancelled(signal, 'alert test');
      if (!isQianzhiError(error)) throw error;
      yield { channel: channel.id, error };
    }
  }
}

function trialOf(agent: string, department: string): AlertMessage {
  return {
    version: 1,
    id: randomUUID(),
    event: 'trial',
    alert: randomUUID(),
    agent,
    department,
    rule: 'trial',
    subject: 'trial',
    openedAt: new Date().toISOString(),
    code: 'TRIAL',
    texts: {
      zh: { message: '这是一条试发的告警', hint: '收到即说明该通道可用,无须处理' },
      en: { message: 'this is a trial alert', hint: 'the channel works; there is nothing to do' },
    },
  };
}
