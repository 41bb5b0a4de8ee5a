/** One promise of a scene, computed from the ends: files, databases, receipts. */
export interface SceneCheck {
  readonly name: string;
  readonly expected: unknown;
  readonly actual: unknown;
  readonly ok: boolean;
}

/** What `demo --scene NAME --json` prints. */
export interface SceneResult {
  readonly scene: string;
  readonly ok: boolean;
  readonly checks: readonly SceneCheck[];
  readonly durationMs: number;
}

export interface SceneOptions {
  /** Damages one thing at an end, which the checks have to find. */
  readonly tamper: boolean;
  readonly tell: (zh: string, en: string) => void;
}

export type Scene = (options: SceneOptions, signal: AbortSignal) => Promise<SceneResult>;

export function check(name: string, expected: unknown, actual: unknown): SceneCheck {
  return { name, expected, actual, ok: JSON.stringify(expected) === JSON.stringify(actual) };
}
