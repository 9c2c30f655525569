import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { scratch, write } from '../support/cli.ts';
import { command } from '../support/process.ts';
import { outputsOf } from './runner.ts';
import type { ActionYaml } from './runner.ts';
import { Emulators } from './github.ts';

const action = parse(readFileSync(resolve(import.meta.dirname, '../../action.yml'), 'utf8')) as ActionYaml;
const script = action.runs.steps.find(({ id }) => id === 'install')!.run!;
const lock = JSON.stringify({ packages: { 'node_modules/rollcall': {} } });
const source = {
  'package.json': '{\n  "name": "rollcall"\n}',
  'src/cli/main.ts': '',
  'dist/rollcall.js': '',
};

/** The action's install step, in a workspace with these files, with the action's own next to it. */
async function install(
  workspace: Record<string, string>,
  options: { version?: string; action?: Record<string, string>; below?: string } = {},
) {
  const dir = scratch();
  const emulators = new Emulators(join(dir, 'emulators'));
  const below = (name: string, files: Record<string, string>): string =>
    write(join(dir, name), { x: '', ...files });
  const root = below('workspace', workspace);
  const { status, stdout } = spawnSync('bash', ['-eo', 'pipefail', '-c', script], {
    cwd: join(root, options.below ?? ''),
    env: {
      ...emulators.env(),
      ROLLCALL_UNDER_TEST: dirname(await command()),
      VERSION: options.version ?? '',
      ACTION_PATH: below('action', options.action ?? {}),
      GITHUB_WORKSPACE: root,
      GITHUB_OUTPUT: below('output', {}) + '/x',
      RUNNER_TEMP: below('temp', {}),
    },
    encoding: 'utf8',
  });
  const { main = '' } = outputsOf(readFileSync(join(dir, 'output/x'), 'utf8'));
  const short = (text: string): string => text.replaceAll(`${dir}/`, '');
  return { status, stdout, main: short(main), there: existsSync(main), npm: emulators.npm().map(short) };
}

describe('the action installs', () => {
  test('what the lock file pins, without scripts', async () => {
    expect(await install({ 'package-lock.json': lock })).toMatchObject({
      status: 0,
      main: 'workspace/node_modules/rollcall/dist/rollcall.js',
      there: true,
      npm: ['workspace: npm ci --ignore-scripts --no-audit --no-fund'],
    });
  });

  test('the lock file of the root, for a directory below', async () => {
    const files = { 'package-lock.json': lock, 'accounts/prod/x': '' };
    expect(await install(files, { below: 'accounts/prod' })).toMatchObject({
      main: 'workspace/node_modules/rollcall/dist/rollcall.js',
      there: true,
    });
  });

  test('itself, where the repository is rollcall', async () => {
    expect(await install(source)).toMatchObject({
      status: 0,
      main: 'workspace/dist/rollcall.js',
      npm: ['workspace: npm ci --ignore-scripts --no-audit --no-fund', 'workspace: npm run build'],
    });
  });

  test('its own commit, where it is used as OWNER/rollcall@SHA', async () => {
    expect(await install({}, { action: source })).toMatchObject({
      status: 0,
      main: 'action/dist/rollcall.js',
    });
  });

  test('an exact version from npm, and no range or tag', async () => {
    expect(await install({}, { version: '1.2.3' })).toMatchObject({
      status: 0,
      there: true,
      npm: [
        'workspace: npm install --prefix temp/rollcall --ignore-scripts --no-audit --no-fund rollcall@1.2.3',
      ],
    });
    for (const version of ['latest', '^1.2.3', '1', '1.2.3 --foo', '1.2.3\nx']) {
      const { status, stdout, npm } = await install({}, { version });
      expect({ status, npm }).toEqual({ status: 1, npm: [] });
      expect(stdout).toMatch(/^::error title=rollcall cannot be installed::version must be exact/);
    }
  });

  test('nothing that is not pinned', async () => {
    const { status, stdout, npm } = await install({
      'package.json': '{ "dependencies": { "rollcall": "*" } }',
    });
    expect({ status, npm }).toEqual({ status: 1, npm: [] });
    expect(stdout).toMatch(/^::error .*no package-lock\.json pins it/);
  });
});
