import { defineConfig } from 'vitest/config';
import { vitePlugin as pageText } from './scripts/page-text.mjs';
import { vitePlugin as serviceData } from './scripts/service-data.mjs';

/** Simulation, fuzzing, mutants, browsers, programs of others, processes and real waits: `npm run test:deep`. */
const deep = 'test/**/*.deep.test.ts';

export default defineConfig({
  plugins: [pageText, serviceData],
  test: {
    // As in the bundle (scripts/bundle.mjs): nobody who runs the tests on Node 20 can do anything about it.
    env: {
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
      // Which only the process can tell the SDK: no test asks the machine for a role.
      AWS_EC2_METADATA_DISABLED: 'true',
    },
    globalSetup: ['test/support/temporary.ts'],
    // Without this, vitest leaves one core to itself: of two, half.
    maxWorkers: '100%',
    testTimeout: 60_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        // One process takes many files: what they import is loaded once.
        test: { name: 'quick', include: ['test/**/*.test.ts'], exclude: [deep], isolate: false },
      },
      { extends: true, test: { name: 'deep', include: [deep], testTimeout: 240_000 } },
    ],
  },
});
