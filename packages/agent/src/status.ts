import type { ExchangeInfo } from '@qianzhi/engine';
import type { LinkStatus } from './link/platform-link.js';

/** The state of one running agent, for its operator. */
export interface AgentStatus {
  readonly agent: string;
  readonly department: string;
  readonly departmentName: string;
  readonly version: string;
  readonly startedAt: string;
  readonly pid: number;
  readonly configFile: string;
  readonly link: LinkStatus;
  readonly exchanges: readonly ExchangeInfo[];
}
