import {
  agentRoutes,
  type Download,
  type DownloadRequest,
  type KeyRecord,
  personRoutes,
} from '@qianzhi/model';
import type { PlatformClient, StreamedAnswer } from '../client.js';

/** The calls a download is made of, whoever makes them. */
export interface DownloadDoor {
  request(body: DownloadRequest, signal: AbortSignal): Promise<Download>;
  show(id: string, waitMs: number, signal: AbortSignal): Promise<Download>;
  cancel(id: string, signal: AbortSignal): Promise<Download>;
  /** The file from a byte on. */
  open(id: string, from: number, signal: AbortSignal): Promise<StreamedAnswer>;
  /** Keys that manifests are proven by. */
  keys(signal: AbortSignal): Promise<readonly KeyRecord[]>;
}

/** `links`: a client without identity, for the link alone opens the file. */
export function personDownloads(client: PlatformClient, links: PlatformClient): DownloadDoor {
  return {
    request: (body, signal) => client.call(personRoutes.requestDownload, { body }, signal),
    show: (id, waitMs, signal) =>
      client.call(personRoutes.showDownload, { params: { id }, query: { waitMs }, waitMs }, signal),
    cancel: (id, signal) => client.call(personRoutes.cancelDownload, { params: { id } }, signal),
    async open(id, from, signal) {
      const { token } = await client.call(personRoutes.linkDownload, { params: { id } }, signal);
      return openFile(links, token, from, signal);
    },
    keys: async (signal) => (await client.call(personRoutes.keyDirectory, {}, signal)).keys,
  };
}

/** `keys`: those the agent knows the platform by. */
export function agentDownloads(
  client: PlatformClient,
  links: PlatformClient,
  keys: () => readonly KeyRecord[],
): DownloadDoor {
  return {
    request: (body, signal) => client.call(agentRoutes.requestAgentDownload, { body }, signal),
    show: (id, waitMs, signal) =>
      client.call(agentRoutes.showAgentDownload, { params: { id }, query: { waitMs }, waitMs }, signal),
    cancel: (id, signal) => client.call(agentRoutes.cancelAgentDownload, { params: { id } }, signal),
    async open(id, from, signal) {
      const { token } = await client.call(agentRoutes.linkAgentDownload, { params: { id } }, signal);
      return openFile(links, token, from, signal);
    },
    keys: async () => keys(),
  };
}

function openFile(
  links: PlatformClient,
  token: string,
  from: number,
  signal: AbortSignal,
): Promise<StreamedAnswer> {
  const headers: Record<string, string> = from > 0 ? { range: `bytes=${from}-` } : {};
  return links.open(personRoutes.downloadFile, { params: { token }, headers }, signal);
}
