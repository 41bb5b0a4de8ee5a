import {
  type AgentChain,
  type Chained,
  chainEntries,
  type NewestEntries,
  newestOf,
} from '../audit/chain-files.js';
import { type ChainLog, openChainLog } from '../audit/chain-log.js';
import { agentErrors } from '../errors.js';

/** What this agent answered, refused or asked, and what it asked in vain: of that it has neither id nor digest, and whether it was answered elsewhere is not known. Of values there is a digest alone. */
export interface QueryEntry {
  readonly kind: 'answered' | 'refused' | 'asked' | 'unanswered';
  readonly id?: string;
  readonly resource: string;
  readonly service: string;
  readonly agreement?: string | undefined;
  readonly grantVersion?: number;
  readonly consumer: string;
  readonly actor: string;
  readonly matter?: string | undefined;
  readonly requestDigest?: string;
  /** Of what was answered or received. */
  readonly rows?: number;
  readonly complete?: boolean;
  readonly rowsDigest?: string;
  /** Of the platform's receipt, where this agent asked. */
  readonly receipt?: string;
  /** Why it was refused, or had no answer. */
  readonly code?: string;
}

export type LoggedQuery = Chained<QueryEntry>;
export type QueryLog = ChainLog<QueryEntry>;

/** Unwritable: QZ_AGENT_QUERY_LOG_UNWRITABLE. Broken: QZ_AGENT_QUERY_LOG_BROKEN. */
export const queryChain: AgentChain = {
  log: 'queries',
  folder: 'queries',
  unwritable: agentErrors.QUERY_LOG_UNWRITABLE,
  broken: agentErrors.QUERY_LOG_BROKEN,
};

export const openQueryLog = (stateDir: string, now: () => Date): Promise<QueryLog> =>
  openChainLog(queryChain, stateDir, now);

/** Throws QZ_AGENT_QUERY_LOG_BROKEN. */
export const newestQueries = (stateDir: string, limit: number): Promise<NewestEntries<LoggedQuery>> =>
  newestOf(chainEntries<QueryEntry>(queryChain, stateDir), limit);

/** All of it. */
export const readQueryLog = async (stateDir: string): Promise<LoggedQuery[]> =>
  [...(await newestQueries(stateDir, Number.POSITIVE_INFINITY)).entries].reverse();
