import type { Dataset } from '@qianzhi/dataset';
import type { AgreementService, CatalogService, UsageService } from '../ports.js';
import type { PlatformContext } from '../server/context.js';
import type { States } from '../state/states.js';
import type { DownloadFolders } from './folders.js';
import type { DownloadStore } from './store.js';

export interface DownloadLimits {
  /** How long a file is kept. */
  readonly keepHours: number;
  /** Files and states together. */
  readonly maxBytes: number;
  /** How long the record by which rows are recognised is kept. */
  readonly traceDays: number;
}

/** What the pieces of downloads share. */
export interface DownloadParts {
  readonly context: PlatformContext;
  readonly catalog: CatalogService;
  readonly agreements: AgreementService;
  readonly usage: Pick<UsageService, 'begin' | 'requireLeft' | 'record'>;
  readonly states: States;
  readonly dataset: Dataset;
  readonly store: DownloadStore;
  readonly folders: DownloadFolders;
  readonly limits: DownloadLimits;
  /** How far a running one is, from 0 to 1. */
  readonly progress: Map<string, number>;
  /** Wakes who waits for a download. */
  readonly wake: (id: string) => void;
}
