import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Small files that take a minute: Vitest takes them for short ones, and starting last they leave a worker idle. */
const long = /(contract|broken|demo[a-z-]*)\.test\.ts$/;

/** Vitest's order, with the long files before all others. */
export class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification) => long.test(moduleId);
    return [...sorted.filter(isLong).reverse(), ...sorted.filter((file) => !isLong(file))];
  }
}
