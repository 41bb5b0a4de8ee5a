import type { Engine, EngineFacts, ExchangeInfo, ReconcileResult, StreamInfo } from '@qianzhi/engine';
import { type Assignments, cycleSeconds } from '@qianzhi/model';
import type { LinkStatus, PlatformLink } from '../link/platform-link.js';
import type { ConfigState } from '../live/config-state.js';
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
  readonly now: () => Date;
}

export function gatherFacts({ engine, link, connectors, certificate, config, now }: FactSources): AgentFacts {
  const facts = engine.facts();
  const assignments = link.assignments();
  return {
    at: now(),
    engine: facts,
    exchanges: engine.exchanges.list().map((info) => {
      const own = facts.exchanges.find(({ exchange }) => exchange === info.exchange)!;
      return {
        ...info,
        dataAt: own.dataAt ?? own.since,
        hasData: own.dataAt !== undefined,
        cycleSeconds: assignments && cycleOf(info, assignments),
        quarantined: own.quarantined,
      };
    }),
    streams: engine.streams.list(),
    link: link.status(),
    connectors: connectors.facts(),
    reconciliations: engine.reconciling.results({ keys: false }),
    config: config(),
    ordered: assignments !== undefined,
    expiries: expiriesOf(link.status().url, assignments, certificate.end()),
    expiriesKnown: assignments !== undefined && certificate.known(),
  };
}

/** Several versions of a resource may be granted; the newest says how often it changes. */
function cycleOf(
  { direction, resource }: ExchangeInfo,
  { supply, consume }: Assignments,
): number | undefined {
  const offered =
    direction === 'supply' ? supply.map((one) => one.resource) : consume.flatMap((one) => one.resources);
  const newest = offered
    .filter(({ code }) => code === resource)
    .toSorted((a, b) => b.schemaVersion - a.schemaVersion)[0];
  return newest && cycleSeconds(newest);
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
