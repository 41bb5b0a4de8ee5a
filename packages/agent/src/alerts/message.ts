import type { ErrorTexts, Problem } from '@qianzhi/model';

export const alertRules = [
  'store-halted',
  'stream-stopped',
  'source-silent',
  'rejected-rows',
  'outbox-filling',
  'receipts-late',
  'platform-unreachable',
  'connector-down',
  'clock-skew',
  'sides-differ',
  'webhook-dead',
  'end-near',
] as const;
export type AlertRule = (typeof alertRules)[number];

/** Something that holds now and that somebody should know. One alert at a time is open for a rule and subject. */
export interface Condition {
  readonly rule: AlertRule;
  /** Name of the exchange, stream, connector or key it is about. */
  readonly subject: string;
  readonly problem: Problem;
  /** The command that starts again what stopped. */
  readonly restart?: string | undefined;
}

/** What a channel sends, and the JSON body of a webhook. It may come twice; `id` is then the same. */
export interface AlertMessage {
  readonly version: 1;
  readonly id: string;
  readonly event: 'opened' | 'resolved' | 'trial';
  /** The same when it opens and when it is resolved. */
  readonly alert: string;
  readonly agent: string;
  readonly department: string;
  readonly rule: AlertRule | 'trial';
  readonly subject: string;
  readonly openedAt: string;
  readonly resolvedAt?: string;
  readonly code: string;
  readonly texts: ErrorTexts;
  readonly restart?: string;
}

/** A way alerts leave the machine. */
export interface Channel {
  /** `webhook:NAME` or `mail:NAME`. */
  readonly id: string;
  /** Resolves when the other side has taken it. Throws QZ_AGENT_ALERT_CHANNEL_FAILED, which names no secret. */
  send(message: AlertMessage, signal: AbortSignal): Promise<void>;
}
