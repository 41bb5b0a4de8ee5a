import type { DeliveryStream, Grant, Mode, Signed } from '@qianzhi/model';
import type { AgreementService } from '../../ports.js';
import type { AgentCaller } from '../../server/caller.js';
import { exchangeErrors } from '../errors.js';

export type DeliveryMode = Extract<Mode, 'docking' | 'sftp'>;

/** Under which grant deliveries are asked for, and the mode they are counted under. */
export interface Asking {
  readonly grant: Signed<Grant>;
  readonly mode: DeliveryMode;
  /** Several whole files may come in one delivery. */
  readonly wholeFiles: boolean;
}

export interface WantedGrant {
  readonly resource: string;
  readonly agreement?: string;
  /** Deliveries the caller holds already: tells which agreement ended where none is left. */
  readonly held: readonly DeliveryStream[];
}

/**
 * The one grant in force that the caller's department polls under. Throws QZ_PLATFORM_GRANT_NOT_LIVE (denied,
 * naming the agreement) where it ended, _NO_AGREEMENT, _AGREEMENT_AMBIGUOUS or _MODE_NOT_GRANTED.
 */
export async function grantFor(
  agreements: AgreementService,
  { department }: AgentCaller,
  wanted: WantedGrant,
): Promise<Signed<Grant>> {
  const { resource } = wanted;
  const live = (await agreements.grantsOf(department, resource)).filter(
    ({ body }) => wanted.agreement === undefined || body.agreement === wanted.agreement,
  );
  if (live.length === 0) {
    const agreement = wanted.agreement ?? wanted.held[0]?.agreement;
    if (agreement !== undefined) throw exchangeErrors.GRANT_NOT_LIVE({ agreement, resource });
    throw exchangeErrors.NO_AGREEMENT({ department, resource });
  }
  const docking = live.filter(({ body }) => isDelivered(body));
  if (docking.length > 1) {
    const names = docking.map(({ body }) => body.agreement).join(', ');
    throw exchangeErrors.AGREEMENT_AMBIGUOUS({ department, resource, agreements: names });
  }
  const [grant] = docking;
  if (!grant) throw exchangeErrors.MODE_NOT_GRANTED({ agreement: live[0]!.body.agreement, resource });
  return grant;
}

/** 系统对接 and 前置机共享 both have deliveries in sequence; where they end up is the consumer's matter. */
function isDelivered({ modes }: Grant): boolean {
  return modes.includes('docking') || modes.includes('sftp');
}

/** What a delivery is counted under: the mode of the exchange that asks where it is granted, else the one that is. */
export function deliveryMode({ modes }: Grant, asked: DeliveryMode | undefined): DeliveryMode {
  if (asked && modes.includes(asked)) return asked;
  return modes.includes('docking') ? 'docking' : 'sftp';
}

/** The grant of a delivery, in force at this moment for docking. Throws QZ_PLATFORM_GRANT_NOT_LIVE or _MODE_NOT_GRANTED. */
export async function liveGrant(
  agreements: AgreementService,
  { agreement, grantVersion, stream: { resource } }: DeliveryStream,
  now: Date,
): Promise<Signed<Grant>> {
  const grant = await agreements.grant(agreement, grantVersion);
  if (!grant || !(await agreements.isLive(agreement, grantVersion, now))) {
    throw exchangeErrors.GRANT_NOT_LIVE({ agreement, resource });
  }
  if (!isDelivered(grant.body)) throw exchangeErrors.MODE_NOT_GRANTED({ agreement, resource });
  return grant;
}
