/**
 * Taken in by `node --import` before one of our programs: the program as it is, but rows are only counted where they are
 * checked, and digests of large bodies read their ends only. What it then saves is what validation and signing cost.
 * Signatures stay: they are made over a document of some hundred bytes, once for each batch.
 */
import { register } from 'node:module';
import { intlSuite } from '@qianzhi/model/crypto';

const LARGE = 64 * 1024;
const ENDS = 256;
const { digest, createDigest } = intlSuite;

const endsOf = (bytes) =>
  Buffer.concat([bytes.subarray(0, ENDS), bytes.subarray(-ENDS), Buffer.from(`${bytes.length}`)]);

intlSuite.digest = (bytes) => digest.call(intlSuite, bytes.length < LARGE ? bytes : endsOf(bytes));
// in pieces: whoever digests a body in pieces must find what another finds who digests it as a whole
intlSuite.createDigest = () => {
  const about = createDigest.call(intlSuite);
  let length = 0;
  return {
    update(bytes) {
      if (length === 0) about.update(bytes);
      length += bytes.length;
      return this;
    },
    digest: () => about.update(Buffer.from(`${length}`)).digest(),
  };
};

register('./module-hooks.js', import.meta.url);
