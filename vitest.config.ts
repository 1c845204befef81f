import { configDefaults, defineConfig, type ViteUserConfig } from 'vitest/config';

const config: ViteUserConfig = defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/own-node-sdk-setup.ts'],
    // These need programs that npm does not bring: `npm run test:e2e`.
    exclude: [...configDefaults.exclude, 'test/e2e/**', 'test/fixtures/**'],
    // Two cores: spawned programs and their backends need one of them.
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
});

export default config;
