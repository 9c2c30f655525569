import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { condition } from './expressions.ts';
import type { ActionYaml, JobYaml, StepYaml, WorkflowYaml } from './runner.ts';

const root = resolve(import.meta.dirname, '../..');
const dir = join(root, '.github/workflows');
const names = readdirSync(dir);
const text = (name: string): string => readFileSync(join(dir, name), 'utf8');
const workflows = names.map((name) => [name, parse(text(name)) as WorkflowYaml] as const);
const ours = workflows.filter(([name]) => name.startsWith('rollcall-'));
const actionText = readFileSync(join(root, 'action.yml'), 'utf8');
const action = parse(actionText) as ActionYaml;
const jobs = workflows.flatMap(([name, { jobs: all }]) =>
  Object.entries(all).map(([job, body]) => [`${name} ${job}`, body] as [string, JobYaml]),
);
const steps: [string, StepYaml][] = [
  ...jobs.flatMap(([name, job]) => job.steps.map((step): [string, StepYaml] => [name, step])),
  ...action.runs.steps.map((step): [string, StepYaml] => ['action.yml', step]),
];

test('the workflows are there', () => {
  expect(names).toEqual([
    'ci.yml',
    'publish.yml',
    'rollcall-apply.yml',
    'rollcall-drift.yml',
    'rollcall-plan.yml',
  ]);
});

describe('actions of others', () => {
  const uses = [...names.map(text), actionText].flatMap((one) => one.match(/^ *(?:- )?uses: .*$/gm) ?? []);

  test('are pinned by commit, with the version beside it', () => {
    const others = uses.filter((line) => !line.endsWith('uses: ./'));
    expect(others.length).toBeGreaterThan(8);
    for (const line of others) expect(line).toMatch(/uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  test('are of one version each', () => {
    const versions = new Map<string, Set<string>>();
    for (const line of uses.filter((one) => one.includes('@'))) {
      const [name, version] = line.replace(/^.*uses: /, '').split('@');
      versions.set(name!, (versions.get(name!) ?? new Set()).add(version!));
    }
    expect([...versions].filter(([, { size }]) => size > 1)).toEqual([]);
  });
});

describe('rights', () => {
  test.each(workflows)(
    '%s: none by default, and no event that lends a fork the secrets',
    (name, workflow) => {
      expect(workflow.permissions).toEqual({});
      expect(text(name)).not.toMatch(/pull_request_target|workflow_run|secrets\./);
    },
  );

  test.each(jobs)('%s: what it needs, for a limited time', (_, job) => {
    expect(job.permissions).toMatchObject({ contents: 'read' });
    expect(job['timeout-minutes']).toBeGreaterThan(0);
    for (const step of job.steps.filter(({ uses }) => uses?.startsWith('actions/checkout@'))) {
      expect(step.with).toMatchObject({ 'persist-credentials': false });
    }
  });

  test('the token writes only the comment and the issue', () => {
    const writing = Object.fromEntries(
      jobs.map(([name, { permissions = {} }]) => [
        name,
        Object.keys(permissions).filter((scope) => permissions[scope] === 'write'),
      ]),
    );
    expect(writing).toEqual({
      'ci.yml test': [],
      'publish.yml publish': ['id-token'],
      'publish.yml test': [],
      'rollcall-apply.yml apply': ['id-token'],
      'rollcall-apply.yml plan': ['id-token'],
      'rollcall-drift.yml drift': ['id-token', 'issues'],
      'rollcall-plan.yml plan': ['id-token', 'pull-requests'],
      'rollcall-plan.yml validate': [],
    });
  });

  test('no job of a fork can have a token of the role', () => {
    const { plan, validate } = ours.find(([name]) => name === 'rollcall-plan.yml')![1].jobs;
    expect(String(plan!.if)).toContain('github.event.pull_request.head.repo.full_name == github.repository');
    expect(validate!.permissions).toEqual({ contents: 'read' });
  });

  test.each([
    ['of its own, with roles', 'octo-org/access', 'arn:aws:iam::123456789012:role/rollcall-plan', ['plan']],
    ['of its own, without', 'octo-org/access', '', ['validate']],
    ['of a fork', 'stranger/access', 'arn:aws:iam::123456789012:role/rollcall-plan', ['validate']],
    ['of a fork, without roles', 'stranger/access', '', ['validate']],
    ['of a fork that is gone', null, 'arn:aws:iam::123456789012:role/rollcall-plan', ['validate']],
  ])('a pull request %s: one of plan and validate runs', (_, from, role, running) => {
    // A job that its condition skips counts as passed: both are required, and one of them must always look.
    const context = {
      vars: { ROLLCALL_PLAN_ROLE: role },
      github: {
        repository: 'octo-org/access',
        event: { pull_request: { head: { repo: from === null ? null : { full_name: from } } } },
      },
    };
    const all = Object.entries(ours.find(([name]) => name === 'rollcall-plan.yml')![1].jobs);
    const there = all.filter(([, job]) => condition(job.if, context, { failed: false }));
    expect(there.map(([name]) => name)).toEqual(running);
    for (const [, job] of all) expect(job.needs).toBeUndefined();
  });

  test('only the gated job takes the apply role', () => {
    const taking = jobs.filter(([, job]) => JSON.stringify(job.steps).includes('ROLLCALL_APPLY_ROLE'));
    expect(taking.map(([name, { environment }]) => [name, environment])).toEqual([
      ['rollcall-apply.yml apply', 'aws-iam'],
    ]);
  });
});

test('no script holds an expression: text of others comes by the environment', () => {
  const scripts = steps.filter(([, step]) => step.run !== undefined);
  expect(scripts.length).toBeGreaterThan(2);
  for (const [, { run: script }] of scripts) expect(script).not.toContain('${{');
});

test('one at a time; an apply is never cut short', () => {
  const concurrency = Object.fromEntries(workflows.map(([name, workflow]) => [name, workflow.concurrency]));
  expect(concurrency).toMatchObject({
    'rollcall-apply.yml': { group: 'rollcall-apply', 'cancel-in-progress': false },
    'rollcall-drift.yml': { group: 'rollcall-drift', 'cancel-in-progress': false },
    'rollcall-plan.yml': { 'cancel-in-progress': true },
  });
  expect(concurrency['rollcall-plan.yml']!.group).toContain('github.event.pull_request.number');
});

test('apply: each job first sees whether its commit is the tip of the branch', () => {
  const { jobs: all, on } = ours.find(([name]) => name === 'rollcall-apply.yml')![1];
  const scripts = Object.values(all).map(({ steps: [first] }) => first!.run);
  expect(scripts).toHaveLength(2);
  expect(scripts[0]).toContain('git/ref/heads/$GITHUB_REF_NAME');
  expect(new Set(scripts).size).toBe(1);
  // Nothing else may start it: of a tag or a pull request there is no such branch.
  expect(Object.keys(on)).toEqual(['push', 'workflow_dispatch']);
});

test('every input of the action that a workflow gives exists, and every input is used', () => {
  const inputs = Object.keys(action.inputs);
  const given = steps.flatMap(([, { uses, with: some = {} }]) => (uses === './' ? Object.keys(some) : []));
  expect(inputs).toEqual(expect.arrayContaining(given));
  for (const input of inputs) expect(actionText).toContain(`inputs.${input} `);
});
