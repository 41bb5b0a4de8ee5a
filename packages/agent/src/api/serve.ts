import type { LoadedConfig } from '../config/load.js';
import { type ApiSubject, subjectOf } from './openapi/subject.js';
import { openPushing, type PushingParts } from './pushing.js';
import { type ApiParts, type RunningApi, startApi } from './start-api.js';

export interface BusinessApi {
  /** Undefined where the config asks for no API. */
  readonly running: RunningApi | undefined;
  /** What it offers, or would. */
  subject(): Promise<ApiSubject>;
  /** As `RunningApi.renew`. */
  renew(): Promise<void>;
  status(): ApiStatus | undefined;
  close(): Promise<void>;
}

/** Of the API for business systems. */
export interface ApiStatus {
  readonly url: string;
  /** Open event streams. */
  readonly streams: number;
  /** Resources that may be pushed now. */
  readonly pushed: readonly string[];
}

/** The API of the config, over what this agent supplies by pushes, has received and may ask. */
export async function serveBusinessSystems(
  { config, folder, stateDir }: LoadedConfig,
  parts: PushingParts & Pick<ApiParts, 'ask' | 'feeds' | 'stalledMs'>,
): Promise<BusinessApi> {
  const pushing = openPushing(parts);
  const subject = async () => {
    const pushed = pushing.resources().map(({ resource }) => resource);
    return subjectOf(parts.link.assignments(), pushed, await parts.feeds.list());
  };
  const { ask, feeds, log, stalledMs } = parts;
  const running =
    config.api &&
    (await startApi({ config: config.api, folder, stateDir, pushing, feeds, ask, subject, log, stalledMs }));
  return {
    running,
    subject,
    renew: async () => running?.renew(),
    status: () =>
      running && {
        url: running.url,
        streams: running.streams(),
        pushed: pushing.resources().map(({ resource }) => resource.code),
      },
    async close() {
      await running?.close();
      await pushing.close();
    },
  };
}
