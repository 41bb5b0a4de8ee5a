import { personRoutes } from '@qianzhi/model';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSealer } from '../../exchange/test-sealer.js';
import {
  enrolAgent,
  settle,
  startTestPlatform,
  type TestPlatform,
  type Town,
} from '../../server/test-platform.js';
import { at, code, createParties, type Parties } from './test-parties.js';
