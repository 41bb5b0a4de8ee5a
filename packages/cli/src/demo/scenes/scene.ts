import type { DatabaseChoice } from '../database/departments.js';

/** What a scene is played with; as for the main job. */
export interface SceneOptions {
  readonly databases: DatabaseChoice;
  readonly tamper: string | undefined;
  readonly tell: (zh: string, en: string) => void;
}

/** One promise: what has to be, and what the ends show. */
export interface SceneCheck {
  readonly name: string;
  readonly expected: string | number | boolean;
  readonly actual: string | number | boolean;
  readonly ok: boolean;
}

/** What `demo --scene NAME --json` prints, and nothing else. */
export interface SceneResult {
  readonly scene: string;
  readonly ok: boolean;
  readonly checks: readonly SceneCheck[];
  readonly durationMs: number;
}

export interface Scene {
  /** What `--tamper` may damage in it. */
  readonly tampers: readonly string[];
  play(options: SceneOptions, signal: AbortSignal): Promise<SceneResult>;
}

export function check(
  name: string,
  expected: SceneCheck['expected'],
  actual: SceneCheck['actual'],
): SceneCheck {
  return { name, expected, actual, ok: expected === actual };
}

export function sceneResult(scene: string, checks: readonly SceneCheck[], startedAt: number): SceneResult {
  return { scene, ok: checks.every(({ ok }) => ok), checks, durationMs: Date.now() - startedAt };
}
