import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { run, scratch, write } from '../support/cli.ts';
import type { ActionYaml, StepYaml, WorkflowYaml } from './runner.ts';

const root = resolve(import.meta.dirname, '../..');
const workflows = join(root, '.github/workflows');
const parsed = (file: string): unknown => parse(readFileSync(file, 'utf8'));
const steps: readonly StepYaml[] = [
  ...readdirSync(workflows).flatMap((name) =>
    Object.values((parsed(join(workflows, name)) as WorkflowYaml).jobs).flatMap((job) => job.steps),
  ),
  ...(parsed(join(root, 'action.yml')) as ActionYaml).runs.steps,
];

const has = (program: string): boolean => spawnSync(program, ['--version']).status === 0;
const found = {
  actionlint: spawnSync('actionlint', ['--version']).status === 0,
  shellcheck: has('shellcheck'),
};

test.skipIf(!found.actionlint)('actionlint has nothing to say (skipped without actionlint)', () => {
  const lint = spawnSync('actionlint', [], { cwd: root, encoding: 'utf8' });
  expect([lint.stdout + lint.stderr, lint.status]).toEqual(['', 0]);
});

test.skipIf(!found.actionlint)(
  'nor about what init --github makes of them (skipped without actionlint)',
  async () => {
    const to = write(scratch(), { '.git/HEAD': 'ref: refs/heads/main\n' });
    const options = ['--branch', 'release/v1', '--environment', 'prod', '--manifests', 'access/it is prod'];
    const init = await run(
      ['init', '--github', '--repo', 'octo-org@1/access@2', '--account', '123456789012', ...options],
      { cwd: to },
    );
    expect(init.code).toBe(0);
    const lint = spawnSync('actionlint', [], { cwd: to, encoding: 'utf8' });
    expect([lint.stdout + lint.stderr, lint.status]).toEqual(['', 0]);
  },
);

test.skipIf(!found.shellcheck)(
  'shellcheck has nothing to say about the scripts (skipped without shellcheck)',
  () => {
    const scripts = [
      ...steps.flatMap(({ run: script }) => script ?? []),
      ...['gh', 'npm'].map((name) => readFileSync(join(import.meta.dirname, 'emulators', name), 'utf8')),
      readFileSync(join(root, '.ci/run'), 'utf8'),
    ];
    expect(scripts.length).toBeGreaterThan(4);
    for (const input of scripts) {
      const lint = spawnSync('shellcheck', ['--shell=bash', '-'], { input, encoding: 'utf8' });
      expect(lint.stdout + lint.stderr).toBe('');
    }
  },
);
