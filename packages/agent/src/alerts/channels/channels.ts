import type { AgentConfig } from '../../config/schema.js';
import { ownPorts } from '../../webhooks/address.js';
import type { Channel } from '../message.js';
import { createMail } from './mail.js';
import { createWebhook } from './webhook.js';

/** Every channel of a config, in its order. */
export function channelsOf(config: Pick<AgentConfig, 'alerts' | 'monitor' | 'api'>): readonly Channel[] {
  const { webhooks, mails } = config.alerts;
  const ports = ownPorts(config);
  return [
    ...Object.entries(webhooks).map(([name, webhook]) => createWebhook(name, webhook, ports)),
    ...Object.entries(mails).map(([name, mail]) => createMail(name, mail)),
  ];
}
