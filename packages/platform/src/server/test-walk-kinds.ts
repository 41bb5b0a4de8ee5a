/** For tests: what a route touches. */
import type { PlatformClient } from '@qianzhi/client';
import type { World } from './test-world.js';

export type Walk =
  /** Acts on or for the caller alone: there is no object to name. */
  | { readonly of: 'caller'; readonly why: string }
  /** The same for whoever may call it. */
  | { readonly of: 'everybody'; readonly why: string }
  /** For roles without a department alone. */
  | { readonly of: 'platform' }
  /** Names an object of a department: others are refused with this code. */
  | {
      readonly of: 'objects';
      readonly own: string;
      readonly refused: string;
      touch(client: PlatformClient, world: World): Promise<unknown>;
    }
  /** Lists the own department's. */
  | {
      readonly of: 'list';
      readonly own: string;
      count(client: PlatformClient, world: World): Promise<number>;
    }
  /** Needs more of a world than this: the file that tries it, below `src`, and words of its test. */
  | { readonly of: 'elsewhere'; readonly file: string; readonly says: string };

/** Of 民政, which provides. */
export const ofMz = (touch: (client: PlatformClient, world: World) => Promise<unknown>): Walk => ({
  of: 'objects',
  own: 'mz',
  refused: 'QZ_PLATFORM_OTHER_DEPARTMENT',
  touch,
});
