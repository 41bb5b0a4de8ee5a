import { modelErrors } from '../errors.js';
import { intlSuite } from './intl.js';
import { type SignatureSuite, suiteNames } from './suite.js';

/** Throws QZ_MODEL_SUITE_UNKNOWN for a suite this build does not have. */
export function suiteOf(name: string): SignatureSuite {
  if (name === 'intl') return intlSuite;
  throw modelErrors.SUITE_UNKNOWN({ suite: name, known: suiteNames.join(', ') });
}
