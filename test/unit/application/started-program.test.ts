import { describe, expect, it } from 'vitest';
import { isTool, startedProgram } from '../../../src/application/started-program.ts';

const PM2 = '/usr/lib/node_modules/pm2/lib';

describe('the program that was started', () => {
  it.each([
    ['is the first argument', '/srv/app.js', { pm_exec_path: '/srv/parent.js' }, '/srv/app.js'],
    ['is that of pm2 (fork mode)', `${PM2}/ProcessContainerFork.js`, { pm_exec_path: '/srv/app.js' }, '/srv/app.js'],
    [
      'is that of pm2 (cluster mode)',
      `${PM2}/ProcessContainer.js`,
      { pm2_env: '{"name":"app","pm_exec_path":"/srv/app.js"}' },
      '/srv/app.js',
    ],
    ['of pm2 that says nothing', `${PM2}/ProcessContainer.js`, {}, `${PM2}/ProcessContainer.js`],
    ['of pm2 that is broken', `${PM2}/ProcessContainer.js`, { pm2_env: '{"' }, `${PM2}/ProcessContainer.js`],
    ['of pm2 with another setting', `${PM2}/ProcessContainer.js`, { pm2_env: 'null' }, `${PM2}/ProcessContainer.js`],
    ['is none (node -e)', undefined, { pm_exec_path: '/srv/app.js' }, undefined],
  ])('%s', (_title, program, env, expected) => {
    expect(startedProgram(program, env)).toBe(expected);
  });
});

describe('a tool', () => {
  it.each([
    '/usr/lib/node_modules/npm/bin/npm-cli.js',
    '/usr/lib/node_modules/npm/bin/npx-cli.js',
    '/usr/share/nodejs/npm/bin/npm-cli.js',
    'C:\\Program Files\\nodejs\\node_modules\\npm\\bin\\npm-prefix.js',
    '/usr/lib/node_modules/corepack/dist/corepack.js',
    '/usr/lib/node_modules/corepack/dist/yarn.js',
    '/usr/lib/node_modules/corepack/dist/pnpx.js',
    '/usr/lib/node_modules/yarn/bin/yarn.js',
    '/opt/yarn-v1.22.22/bin/../../yarn/bin/yarn.js',
    '/home/me/.cache/node/corepack/v1/yarn/1.22.22/bin/yarn.js',
    '/home/me/.cache/node/corepack/v1/yarn/4.9.0-rc.1/yarn.js',
    '/home/me/.cache/node/corepack/v1/pnpm/10.1.0/bin/pnpm.cjs',
    '/srv/app/.yarn/releases/yarn-4.9.0.cjs',
    '/srv/app/node_modules/@yarnpkg/cli-dist/bin/yarn.js',
    '/usr/lib/node_modules/pnpm/bin/pnpm.cjs',
    '/usr/lib/node_modules/pnpm/bin/pnpx.mjs',
    '/usr/lib/node_modules/pnpm/dist/worker.js',
    '/usr/lib/node_modules/pm2/bin/pm2',
    '/usr/lib/node_modules/pm2/lib/Daemon.js',
  ])('is %s', (path) => {
    expect(isTool(path)).toBe(true);
  });

  it.each([
    '/srv/npm/server.js',
    '/srv/yarn/server.js',
    '/srv/app/bin/npm-cli.js',
    '/srv/app/node_modules/.bin/next',
    '/srv/yarn-shop/bin/shop.js',
    '/srv/pnpm/bin/server.js',
    '/home/me/.npm/_npx/0123/node_modules/.bin/cowsay',
    '/usr/lib/node_modules/pm2/lib/ProcessContainerFork.js',
  ])('is not %s', (path) => {
    expect(isTool(path)).toBe(false);
  });
});
