import { closeSync, existsSync, fsyncSync, openSync, readFileSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { checkShape, isQianzhiError } from '@qianzhi/model';
import { intlSuite, keyIdOf, type SigningKey, suiteOf } from '@qianzhi/model/crypto';
import { type Static, Type } from '@qianzhi/model/schema';
import { platformErrors } from '../errors.js';
import type { KeyDirectory } from '../ports.js';

export const KEY_FILE = 'platform-key.json';

const KeyFileSchema = Type.Object({
  suite: Type.String(),
  publicKey: Type.String(),
  privateKey: Type.String(),
});
type KeyFile = Static<typeof KeyFileSchema>;

/**
 * The platform's own key: made on first start, kept in the data folder for its owner only, and known to the key
 * directory. Throws QZ_PLATFORM_KEY_FILE_OPEN or _KEY_FILE_LOST; a lost key is never replaced silently.
 */
export async function platformKey(
  dataDir: string,
  directory: Pick<KeyDirectory, 'ofAgent' | 'append'>,
  now: Date,
): Promise<SigningKey> {
  const file = join(dataDir, KEY_FILE);
  const known = await directory.ofAgent('platform');
  const newest = known.at(-1);
  if (!existsSync(file)) {
    if (newest) throw platformErrors.KEY_FILE_LOST({ keyId: newest.keyId, file });
    writeKeyFile(file, dataDir, { suite: intlSuite.name, ...intlSuite.generateKeyPair() });
  }
  if ((statSync(file).mode & 0o077) !== 0) throw platformErrors.KEY_FILE_OPEN({ file });
  const pair = readKeyFile(file, newest?.keyId ?? '-');
  const keyId = keyIdOf(pair.publicKey);
  if (!known.some((key) => key.keyId === keyId)) {
    if (newest) throw platformErrors.KEY_FILE_LOST({ keyId: newest.keyId, file });
    const { suite, publicKey } = pair;
    await directory.append({ keyId, owner: 'platform', suite, publicKey, validFrom: now.toISOString() });
  }
  return { keyId, suite: suiteOf(pair.suite), privateKey: pair.privateKey };
}

function readKeyFile(file: string, keyId: string): KeyFile {
  try {
    return checkShape(KeyFileSchema, JSON.parse(readFileSync(file, 'utf8')), file);
  } catch (error) {
    if (error instanceof SyntaxError || isQianzhiError(error)) {
      throw platformErrors.KEY_FILE_LOST({ keyId, file });
    }
    throw error;
  }
}

function writeKeyFile(file: string, folder: string, key: KeyFile): void {
  const handle = openSync(file, 'wx', 0o600);
  try {
    writeSync(handle, `${JSON.stringify(key, null, 2)}\n`);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  const directory = openSync(folder, 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}
