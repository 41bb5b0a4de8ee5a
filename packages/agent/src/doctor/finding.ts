import { isQianzhiError, type QianzhiError } from '@qianzhi/model';

/** `skipped`: could not be looked at, because of something found before. */
export type DoctorLevel = 'ok' | 'warning' | 'failed' | 'skipped';

/** One line of the doctor's report. A warning or failure carries the coded error that says what to do. */
export interface DoctorFinding {
  /** What was looked at: `node`, `config`, `state-dir`, … `connector NAME`. */
  readonly check: string;
  readonly level: DoctorLevel;
  readonly zh: string;
  readonly en: string;
  readonly error?: QianzhiError;
}

export function ok(check: string, zh: string, en: string): DoctorFinding {
  return { check, level: 'ok', zh, en };
}

export function skipped(check: string, zh: string, en: string): DoctorFinding {
  return { check, level: 'skipped', zh, en };
}

export function failed(check: string, error: QianzhiError): DoctorFinding {
  return { check, level: 'failed', zh: error.texts.zh.message, en: error.texts.en.message, error };
}

export function warning(check: string, error: QianzhiError): DoctorFinding {
  return { ...failed(check, error), level: 'warning' };
}

/** Runs one check; a coded error it throws is its finding. */
export async function finding(
  check: string,
  work: () => Promise<DoctorFinding> | DoctorFinding,
): Promise<DoctorFinding> {
  try {
    return await work();
  } catch (error) {
    if (!isQianzhiError(error) || error.kind === 'cancelled') throw error;
    return failed(check, error);
  }
}
