import type { KeyRecord } from '@qianzhi/model';
import { suiteOf } from '@qianzhi/model/crypto';
import { httpbis } from 'http-message-signatures';
import { clientErrors } from '../errors.js';
import { componentsOf, type HeaderMap, MAX_LIFE_SECONDS, type SignedMessage } from './covered.js';
import { coveredList, SIGNATURE_NAME, type SignatureParameters, signatureBase } from './sign.js';

/** Judges the parameters, and answers the key that is to have made the signature. */
type KeyOf = (parameters: SignatureParameters) => Promise<KeyRecord>;

export interface Verified {
  readonly key: KeyRecord;
  readonly parameters: SignatureParameters;
}

/**
 * Verifies the one signature of a message, which covers at least these fields. Throws QZ_CLIENT_SIGNATURE_INVALID, or whatever
 * `keyOf` throws. The algorithm is that of the registered key; a header's `alg` has no say.
 */
export async function verifySignature(
  message: SignedMessage,
  fields: readonly string[],
  keyOf: KeyOf,
): Promise<Verified> {
  const ours = ourForm(message.headers, fields);
  const components = ours && componentsOf(message, fields);
  if (!components) return verifyAnyForm(message, fields, keyOf);
  const { input, parameters, signature } = ours;
  const key = await keyOf(plausible(parameters));
  const held = suiteOf(key.suite).verify(key.publicKey, signatureBase(components, input), signature);
  if (!held) throw clientErrors.SIGNATURE_INVALID({ reason: 'signature' });
  return { key, parameters };
}

const PARAMETERS =
  /^;created=(\d{1,12});expires=(\d{1,12});keyid="([\w-]{1,100})"(?:;nonce="([\w-]{1,64})")?$/;
const SIGNATURE = new RegExp(`^${SIGNATURE_NAME}=:([A-Za-z0-9+/]{1,400}={0,2}):$`);

interface OurForm {
  readonly input: string;
  readonly parameters: SignatureParameters;
  readonly signature: string;
}

/**
 * A signature just as `signatureHeaders` writes it. It is read here, for every request has one and every answer another, and to
 * take the standard's general form apart costs several times what it costs to verify.
 */
function ourForm(headers: HeaderMap, fields: readonly string[]): OurForm | undefined {
  const covered = coveredList(fields);
  const begin = `${SIGNATURE_NAME}=`;
  const header = headers['signature-input'] ?? '';
  if (!header.startsWith(begin + covered)) return undefined;
  const input = header.slice(begin.length);
  const [, created, expires, keyId, nonce] = PARAMETERS.exec(input.slice(covered.length)) ?? [];
  const [, signature] = SIGNATURE.exec(headers.signature ?? '') ?? [];
  if (keyId === undefined || signature === undefined) return undefined;
  return {
    input,
    parameters: { created: Number(created), expires: Number(expires), keyId, nonce },
    signature: Buffer.from(signature, 'base64').toString('base64url'),
  };
}

/** The library's own clock checks are opened wide; ours use the caller's clock and say what is wrong. */
const noClockCheck = { tolerance: Number.MAX_SAFE_INTEGER / 2 };

/** Whatever else the standard allows. */
async function verifyAnyForm(
  message: SignedMessage,
  fields: readonly string[],
  keyOf: KeyOf,
): Promise<Verified> {
  let found: Verified | undefined;
  let refused: { readonly error: unknown } | undefined;
  const keyLookup = async (header: Readonly<Record<string, unknown>>) => {
    try {
      if (found) throw clientErrors.SIGNATURE_INVALID({ reason: 'one signature' });
      const parameters = plausible(parametersOf(header));
      const key = await keyOf(parameters);
      found = { key, parameters };
      const verify = async (data: Buffer, signature: Buffer) =>
        suiteOf(key.suite).verify(key.publicKey, data, signature.toString('base64url'));
      return { id: key.keyId, verify };
    } catch (error) {
      refused = { error };
      throw error;
    }
  };
  const config = { ...noClockCheck, all: true, requiredFields: [...fields], keyLookup };
  const verifying =
    'status' in message ? httpbis.verifyMessage(config, message) : httpbis.verifyMessage(config, message);
  const held = await verifying.catch((error) => {
    // the library throws plain errors for malformed headers; what `keyOf` threw goes on as it is
    throw refused ? refused.error : clientErrors.SIGNATURE_INVALID({ reason: 'malformed' }, error);
  });
  if (!held || !found) throw clientErrors.SIGNATURE_INVALID({ reason: 'signature' });
  return found;
}

function parametersOf({ created, expires, keyid, nonce }: Readonly<Record<string, unknown>>) {
  return {
    created: created instanceof Date ? created.getTime() / 1000 : Number.NaN,
    expires: typeof expires === 'number' ? expires : Number.NaN,
    keyId: String(keyid),
    nonce: typeof nonce === 'string' ? nonce : undefined,
  };
}

function plausible(parameters: SignatureParameters): SignatureParameters {
  const life = parameters.expires - parameters.created;
  if (life > 0 && life <= MAX_LIFE_SECONDS) return parameters;
  throw clientErrors.SIGNATURE_INVALID({ reason: 'created/expires' });
}
