import type { DownloadDoor } from '@qianzhi/client';
import { readSession } from './session.js';

/** Runs `work` with the calls of a download as the person of a profile. Throws QZ_CLI_NOT_SIGNED_IN. */
export async function withDownloads<T>(
  profile: string,
  work: (door: DownloadDoor) => Promise<T>,
): Promise<T> {
  const { url, token } = await readSession(profile);
  const { createClient, personDownloads } = await import('@qianzhi/client');
  const person = createClient({ url, identity: { kind: 'person', token } });
  const links = createClient({ url, identity: { kind: 'anonymous' } });
  try {
    return await work(personDownloads(person, links));
  } finally {
    await person.close();
    await links.close();
  }
}
