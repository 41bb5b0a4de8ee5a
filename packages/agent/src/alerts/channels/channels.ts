import type { Channel } from '../message.js';
import type { AlertsConfig } from '../schema.js';
import { createMail } from './mail.js';
import { createWebhook } from './webhook.js';

/** Every channel of a config, in its order. */
export function channelsOf({ webhooks, mails }: AlertsConfig): readonly Channel[] {
  return [
    ...Object.entries(webhooks).map(([name, config]) => createWebhook(name, config)),
    ...Object.entries(mails).map(([name, config]) => createMail(name, config)),
  ];
}
