import { isSupply } from '@qianzhi/model';
import type { CheckNote, CheckReport } from '@qianzhi/plugin-api';
import type { LoadedConfig } from '../config/load.js';
import { type DoctorFinding, warning } from './finding.js';

/** What a check of a connector found that matters to what the config uses it for. */
export function notesFor({ config }: LoadedConfig, connector: string, report: CheckReport): CheckNote[] {
  const strategies = new Set<string>(
    config.exchanges.flatMap((exchange) =>
      isSupply(exchange) && exchange.connector === connector ? [exchange.strategy] : [],
    ),
  );
  return report.notes.filter(({ strategy }) => strategy === undefined || strategies.has(strategy));
}

/** Of the notes those that warn. */
export function weaknesses(check: string, notes: readonly CheckNote[]): DoctorFinding[] {
  return notes.flatMap(({ level, zh, en, error }) => {
    if (level === 'ok') return [];
    return [error ? warning(check, error) : { check, level, zh, en }];
  });
}
