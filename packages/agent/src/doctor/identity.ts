import { keyIdOf } from '@qianzhi/model/crypto';
import { agentErrors } from '../errors.js';
import { type Identity, identityFile, readIdentity } from '../identity/identity-file.js';
import { type DoctorFinding, failed, ok } from './finding.js';
import { openToOthers } from './machine.js';

const keyIdDiffers = { zh: '密钥标识与公钥不符', en: 'its key id is not that of its public key' };

/** Enrolled, whole, its key the one it says, and readable by its owner alone. */
export async function checkIdentity(
  stateDir: string,
): Promise<{ readonly identity?: Identity; readonly found: DoctorFinding }> {
  const check = 'identity';
  const identity = await readIdentity(stateDir);
  if (!identity) return { found: failed(check, agentErrors.NOT_ENROLLED({ stateDir })) };
  const file = identityFile(stateDir);
  if (keyIdOf(identity.publicKey) !== identity.keyId) {
    return { found: failed(check, agentErrors.IDENTITY_BROKEN({ file, reason: keyIdDiffers })) };
  }
  const tooOpen = await openToOthers(file, '600');
  if (tooOpen) return { identity, found: failed(check, tooOpen) };
  const { agent, department, departmentName, keyId } = identity;
  return {
    identity,
    found: ok(
      check,
      `前置机 ${agent}(${departmentName},${department}),密钥 ${keyId}`,
      `agent ${agent} of ${department}, key ${keyId}`,
    ),
  };
}
