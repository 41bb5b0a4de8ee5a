import type { Engine, EngineFacts, ExchangeInfo, ReconcileResult, StreamInfo } from '@qianzhi/engine';
import {
  type Assignments,
  type CatalogResource,
  cycleSeconds,
  type Exchange,
  updateDueAt,
} from '@qianzhi/model';
import type { LinkStatus, PlatformLink } from '../link/platform-link.js';
import type { ConfigState } from '../live/config-state.js';
import { type ExchangeSchedule, scheduleOf } from '../setup/propose-schedule.js';
import type { WebhookStatus } from '../webhooks/status.js';
import type { Certificate } from './certificate.js';
import type { ConnectorFacts, Connectors } from './connectors.js';

/** Everything that monitoring, alerts and status judge by, as of one moment. */
export interface AgentFacts {
  readonly at: Date;
  readonly engine: EngineFacts;
  readonly exchanges: readonly ExchangeFreshness[];
  readonly streams: readonly StreamInfo[];
  readonly link: LinkStatus;
  readonly connectors: readonly ConnectorFacts[];
  /** The newest of each exchange and agreement, without keys. */
  readonly reconciliations: readonly ReconcileResult[];
  /** Whether orders were ever received. */
  readonly ordered: boolean;
  /** What ends, and when: the platform's certificate and each grant. Keys of agents and platform have no end. */
  readonly expiries: readonly Expiry[];
  readonly config: ConfigState;
  readonly webhooks: readonly WebhookStatus[];
  /** Whether all that may end was looked at. */
  readonly expiriesKnown: boolean;
}

export interface ExchangeFreshness extends ExchangeInfo {
  /** When its newest data was sealed; before there is any, when the agent first knew the exchange. */
  readonly dataAt: string;
  /** Whether there was any data yet. */
  readonly hasData: boolean;
  /** Of the resource's update cycle; undefined where it has none or is not ordered. */
  readonly cycleSeconds: number | undefined;
  /** Of the resource as it is now; undefined while it is not ordered. */
  readonly updateCycle: CatalogResource['updateCycle'] | undefined;
  /** Undefined where it runs by hand only. */
  readonly schedule: ExchangeSchedule | undefined;
  /**
   * When the next update is due by the cycle. What is supplied counts as current when a run last ended well, for a source may have
   * nothing new; what is consumed, as of its newest data. Undefined where the cycle promises nothing.
   */
  readonly dueAt: string | undefined;
  /** How long `dueAt` has passed; 0 before it. */
  readonly overdueSeconds: number;
  readonly quarantined: number;
}

/** Something that ends: the certificate at the platform's host, or the grant of an agreement. */
export type Expiry =
  | { readonly name: 'platform-certificate'; readonly subject: string; readonly expiresAt: string }
  | {
      readonly name: 'grant';
      readonly subject: string;
      readonly resource: string;
      readonly expiresAt: string;
    };

export interface FactSources {
  readonly engine: Engine;
  readonly link: PlatformLink;
  readonly connectors: Connectors;
  readonly certificate: Certificate;
  readonly config: () => ConfigState;
  /** As the config in force has them. */
  readonly configured: () => readonly Exchange[];
  readonly webhooks: () => readonly WebhookStatus[];
  readonly now: () => Date;
}

export function gatherFacts({
  engine,
  link,
  connectors,
  certificate,
  config,
  configured,
  webhooks,
  now,
}: FactSources): AgentFacts {
  const facts = engine.facts();
  const assignments = link.assignments();
  const at = now();
  return {
    at,
    engine: facts,
    exchanges: engine.exchanges.list().map((info) => {
      const own = facts.exchanges.find(({ exchange }) => exchange === info.exchange)!;
      const dataAt = own.dataAt ?? own.since;
      const resource = assignments && newestOf(info, assignments);
      const exchange = configured().find(({ name }) => name === info.exchange);
      return {
        ...info,
        dataAt,
        hasData: own.dataAt !== undefined,
        cycleSeconds: resource && cycleSeconds(resource),
        updateCycle: resource?.updateCycle,
        schedule: exchange && scheduleOf(exchange, assignments),
        ...dueOf(info, dataAt, resource, at),
        quarantined: own.quarantined,
      };
    }),
    streams: engine.streams.list(),
    link: link.status(),
    connectors: connectors.facts(),
    reconciliations: engine.reconciling.results({ keys: false }),
    config: config(),
    webhooks: webhooks(),
    ordered: assignments !== undefined,
    expiries: expiriesOf(link.status().url, assignments, certificate.end()),
    expiriesKnown: assignments !== undefined && certificate.known(),
  };
}

function dueOf(
  { direction, lastSuccessAt }: ExchangeInfo,
  dataAt: string,
  resource: CatalogResource | undefined,
  at: Date,
): Pick<ExchangeFreshness, 'dueAt' | 'overdueSeconds'> {
  const read = direction === 'supply' ? (lastSuccessAt ?? dataAt) : dataAt;
  const due = resource && updateDueAt(resource, new Date(read > dataAt ? read : dataAt));
  if (!due) return { dueAt: undefined, overdueSeconds: 0 };
  const overdueSeconds = Math.max(0, Math.floor((at.getTime() - due.getTime()) / 1000));
  return { dueAt: due.toISOString(), overdueSeconds };
}

/** Several versions of a resource may be granted; the newest says how often it changes. */
function newestOf(
  { direction, resource }: ExchangeInfo,
  { supply, consume }: Assignments,
): CatalogResource | undefined {
  const offered =
    direction === 'supply' ? supply.map((one) => one.resource) : consume.flatMap((one) => one.resources);
  return offered
    .filter(({ code }) => code === resource)
    .toSorted((a, b) => b.schemaVersion - a.schemaVersion)[0];
}

function expiriesOf(
  url: string,
  assignments: Assignments | undefined,
  certificateEnd: string | undefined,
): readonly Expiry[] {
  const grants = (assignments?.consume ?? []).map(({ grant: { body } }) => ({
    name: 'grant' as const,
    subject: body.agreement,
    resource: body.resource,
    expiresAt: body.validTo,
  }));
  if (certificateEnd === undefined) return grants;
  return [{ name: 'platform-certificate', subject: new URL(url).host, expiresAt: certificateEnd }, ...grants];
}
