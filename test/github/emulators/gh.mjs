// Stands in for GitHub's own command: a repository's comments and issues in one file, and a note of every call.
import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const dir = process.env.EMULATORS;
const file = join(dir, 'github.json');
const state = existsSync(file)
  ? JSON.parse(readFileSync(file, 'utf8'))
  : { login: 'github-actions[bot]', nextId: 5_000_000_000, comments: {}, issues: [] };

const fail = (message) => {
  process.stderr.write(`gh: ${message}\n`);
  process.exit(1);
};
if (!process.env.GH_TOKEN) fail('set the GH_TOKEN environment variable');

const [command, flag, method, path, option, value] = process.argv.slice(2);
if (command !== 'api' || flag !== '--method') fail(`unknown command ${command}`);
const body = option === '--input' ? JSON.parse(readFileSync(0, 'utf8')) : undefined;
appendFileSync(join(dir, 'gh.jsonl'), `${JSON.stringify({ method, path, ...(body ? { body } : {}) })}\n`);
if (state.fails && new RegExp(state.fails).test(`${method} ${path}`)) fail('HTTP 502');
if (body?.body?.length > 65_536) fail('Body is too long (maximum is 65536 characters) (HTTP 422)');

// The runner's tokens name what they may write.
const needs = /\/issues\/(?:comments|\d+\/comments)/.test(path) ? /pull-requests|issues/ : /issues/;
if (method !== 'GET' && path !== 'graphql' && !needs.test(process.env.GH_TOKEN)) {
  fail('Resource not accessible by integration (HTTP 403)');
}

const url = new URL(path, 'https://api.github.com/');
const page = (items) => {
  const size = Number(url.searchParams.get('per_page') ?? 30);
  const start = (Number(url.searchParams.get('page') ?? 1) - 1) * size;
  return items.slice(start, start + Math.min(size, 100));
};
const user = { login: state.login };
const shaOf = (branch) => {
  try {
    const ref = `refs/heads/${branch}`;
    return execFileSync('git', ['-C', process.env.ORIGIN, 'rev-parse', '--verify', '--quiet', ref], {
      encoding: 'utf8',
    }).trim();
  } catch {
    return fail('Not Found (HTTP 404)');
  }
};
const routes = [
  ['GET', /^\/repos\/[^/]+\/[^/]+\/git\/ref\/heads\/(.+)$/, (name) => ({ object: { sha: shaOf(name) } })],
  [
    'GET',
    /^\/repos\/[^/]+\/[^/]+\/deployments$/,
    () =>
      page(
        (state.deployments ?? [])
          .filter(({ environment }) => environment === url.searchParams.get('environment'))
          .toReversed(),
      ),
  ],
  [
    'GET',
    /^\/repos\/[^/]+\/[^/]+\/deployments\/(\d+)\/statuses$/,
    (id) => page((state.deployments ?? []).find((one) => one.id === Number(id))?.statuses ?? []),
  ],
  ['POST', /^\/graphql$/, () => ({ data: { viewer: user } })],
  ['GET', /^\/repos\/[^/]+\/[^/]+\/issues\/(\d+)\/comments$/, (n) => page(state.comments[n] ?? [])],
  [
    'POST',
    /^\/repos\/[^/]+\/[^/]+\/issues\/(\d+)\/comments$/,
    (n) => {
      const comment = { id: state.nextId++, user, body: body.body };
      (state.comments[n] ??= []).push(comment);
      return comment;
    },
  ],
  [
    'PATCH',
    /^\/repos\/[^/]+\/[^/]+\/issues\/comments\/(\d+)$/,
    (id) => {
      const comment = Object.values(state.comments)
        .flat()
        .find((one) => one.id === Number(id));
      return comment ? Object.assign(comment, body) : fail('Not Found (HTTP 404)');
    },
  ],
  [
    'GET',
    /^\/repos\/[^/]+\/[^/]+\/issues$/,
    () =>
      page(
        state.issues.filter(
          (issue) =>
            issue.state === url.searchParams.get('state') &&
            issue.labels.some(({ name }) => name === url.searchParams.get('labels')),
        ),
      ),
  ],
  [
    'POST',
    /^\/repos\/[^/]+\/[^/]+\/issues$/,
    () => {
      const number = state.issues.length + 1;
      const issue = {
        id: state.nextId++,
        number,
        user,
        state: 'open',
        title: body.title,
        body: body.body,
        labels: body.labels.map((name) => ({ name })),
      };
      state.issues.push(issue);
      return issue;
    },
  ],
  [
    'PATCH',
    /^\/repos\/[^/]+\/[^/]+\/issues\/(\d+)$/,
    (number) =>
      Object.assign(
        state.issues.find((issue) => issue.number === Number(number)),
        body,
      ),
  ],
];
for (const [verb, pattern, answer] of routes) {
  const found = verb === method && pattern.exec(url.pathname);
  if (!found) continue;
  const result = answer(...found.slice(1));
  writeFileSync(file, JSON.stringify(state, null, 2));
  if (option === '--jq' && value !== '.object.sha') fail(`the stand-in cannot do ${value}`);
  process.stdout.write(option === '--jq' ? `${result.object.sha}\n` : JSON.stringify(result));
  process.exit(0);
}
fail(`Not Found (HTTP 404): ${method} ${path}`);
