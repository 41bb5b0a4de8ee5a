import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface Certificate {
  readonly key: string;
  readonly cert: string;
  /** The certificate signs itself: trusted by a process whose NODE_EXTRA_CA_CERTS names it. */
  readonly file: string;
}

/** A new certificate of 127.0.0.1, good for some days, made by openssl in a folder of the test's own. */
export async function createCertificate(folder: string, days = 10): Promise<Certificate> {
  const [key, file] = [join(folder, 'tls.key'), join(folder, 'tls.crt')];
  const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const made = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  await promisify(execFile)('openssl', [
    ...made,
    ...subject,
    '-days',
    String(days),
    '-keyout',
    key,
    '-out',
    file,
  ]);
  return { key: await readFile(key, 'utf8'), cert: await readFile(file, 'utf8'), file };
}
