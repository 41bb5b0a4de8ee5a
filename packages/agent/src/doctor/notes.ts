import { isSupply } from '@qianzhi/model';
import type { CheckNote, CheckReport } from '@qianzhi/plugin-api';
import type { LoadedConfig } from '../config/load.js';

/** What a check of a connector found that matters to what the config uses it for. */
export function notesFor({ config }: LoadedConfig, connector: string, report: CheckReport): CheckNote[] {
  const strategies = new Set<string>(
    config.exchanges.flatMap((exchange) =>
      isSupply(exchange) && exchange.connector === connector ? [exchange.strategy] : [],
    ),
  );
  return report.notes.filter(({ strategy }) => strategy === undefined || strategies.has(strategy));
}
