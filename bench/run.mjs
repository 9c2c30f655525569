// Plan and apply at two sizes on the embedded IAM, as processes: calls, seconds, peak memory, and their growth.
// Run by hand (`npm run bench`); figures compare within one run only. See bench/README.md.
import { spawn, fork } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { format, resolveConfig } from 'prettier';

const root = resolve(import.meta.dirname, '..');
const command = join(root, 'dist/rollcall.js');
const report = process.argv.includes('--report');
const sizes = process.argv
  .slice(2)
  .filter((arg) => arg !== '--report')
  .map(Number);
if (sizes.length === 0) sizes.push(500, 5000);

/** Groups and policies grow with the users, up to IAM's quotas: 300 and 1,500 at 5,000 users. */
function manifests(dir, users, leaving = 0) {
  const groups = Math.max(1, Math.round(users * 0.06) - 1);
  const policies = Math.max(1, Math.round(users * 0.3));
  const account = `account: "123456789012"\n`;
  const user = (index) =>
    `  user${index}:\n    path: /team${index % groups}/\n    tags: { team: t${index % groups} }\n` +
    `    groups: [group${index % groups}, everybody]\n    attach: [policy${index % policies}]\n` +
    (index % 10 === 0
      ? `    policies: { own: { Statement: { Effect: Allow, Action: "s3:*", Resource: "arn:aws:s3:::b${index}/*" } } }\n`
      : '');
  const policy = (index) =>
    `  policy${index}: { document: { Statement: { Effect: Allow, Action: ["s3:GetObject", "s3:ListBucket"], Resource: "arn:aws:s3:::r${index}/*" } } }\n`;
  const list = (count, line) => Array.from({ length: count }, (_, index) => line(index)).join('');
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, 'account.yaml'), account);
  writeFileSync(join(dir, 'users.yaml'), `users:\n${list(users - leaving, user)}`);
  writeFileSync(
    join(dir, 'groups.yaml'),
    `groups:\n  everybody: {}\n${list(groups - 1, (index) => `  group${index}: { attach: [aws:ReadOnlyAccess] }\n`)}  group${groups - 1}: {}\n`,
  );
  writeFileSync(join(dir, 'policies.yaml'), `policies:\n${list(policies, policy)}`);
}

/** Runs the command; `calls` is what `--verbose` tells. */
function rollcall(args) {
  return new Promise((done) => {
    const start = performance.now();
    const child = fork(command, args, {
      execArgv: ['--import', join(root, 'bench/measure.mjs')],
      silent: true,
      env: { ...process.env, AWS_ACCESS_KEY_ID: 'AKIABENCH22222222222', AWS_SECRET_ACCESS_KEY: 'bench' },
    });
    let used = { maxRSS: 0, cpu: 0 };
    let errors = '';
    child.on('message', (message) => (used = message));
    child.stdout.resume();
    child.stderr.setEncoding('utf8').on('data', (text) => (errors += text));
    child.on('close', (code) => {
      const seconds = (performance.now() - start) / 1000;
      const calls = Number(/API calls: (\d+)/.exec(errors)?.[1] ?? 0);
      const writes = [
        ...errors.matchAll(/\b((?:Create|Put|Add|Attach|Delete|Detach|Remove|Update|Tag|Untag)\w+) (\d+)/g),
      ];
      done({
        code,
        seconds,
        calls,
        writes: writes.reduce((sum, [, , count]) => sum + Number(count), 0),
        cpu: used.cpu,
        mib: used.maxRSS / 1024,
        errors,
      });
    });
  });
}

function startSandbox() {
  return new Promise((done) => {
    const child = spawn(process.execPath, [command, 'sandbox', '--port', '0', '--json'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    child.stdout.once('data', (line) => done({ child, url: JSON.parse(line.toString()).url }));
  });
}

async function at(users) {
  const dir = mkdtempSync(join(tmpdir(), 'rollcall-bench-'));
  const there = join(dir, 'manifests');
  manifests(there, users);
  const { child, url } = await startSandbox();
  const all = ['--manifests', there, '--endpoint-url', url, '-v'];
  const overrides = ['--override', 'max-removals', 'last-administrator'];
  const rows = [];
  const measure = async (name, expected, args) => {
    const row = await rollcall([...args, ...all]);
    if (row.code !== expected) throw new Error(`${name}: exit ${row.code}\n${row.errors}`);
    rows.push({ name, ...row });
  };
  try {
    await measure('validate', 0, ['validate']);
    await measure('plan from empty', 2, ['plan']);
    await measure('apply from empty', 0, ['apply', '--yes']);
    await measure('plan, nothing to do', 0, ['plan']);
    await measure('apply, nothing to do', 0, ['apply', '--yes']);
    manifests(there, users, users / 5);
    await measure('plan offboarding 20 %', 2, ['plan', ...overrides]);
    await measure('apply offboarding 20 %', 0, [
      'apply',
      '--yes',
      '--receipts',
      join(dir, 'receipts'),
      ...overrides,
    ]);
  } finally {
    child.kill();
    rmSync(dir, { recursive: true, force: true });
  }
  return rows;
}

/** Median seconds of some runs. */
async function median(run, times = 5) {
  const seconds = [];
  for (let time = 0; time < times; time += 1) {
    const start = performance.now();
    await run();
    seconds.push((performance.now() - start) / 1000);
  }
  return seconds.sort((a, b) => a - b)[Math.floor(times / 2)];
}

const ended = (args) =>
  new Promise((done) => spawn(process.execPath, args, { stdio: 'ignore' }).on('close', done));

const results = [];
for (const users of sizes) results.push({ users, rows: await at(users) });

const [small, large] = [results[0], results.at(-1)];
const number = (value, digits = 1) => value.toFixed(digits);
const lines = [
  ['', ...results.flatMap(({ users }) => [`${users}: calls`, 'writes', 's', 'CPU s', 'MiB']), 'growth (CPU)'],
];
for (const [index, { name }] of small.rows.entries()) {
  const cells = results.flatMap(({ rows }) => {
    const { calls, writes, seconds, cpu, mib } = rows[index];
    return [`${calls}`, `${writes}`, number(seconds), number(cpu), number(mib, 0)];
  });
  const growth = large.rows[index].cpu / small.rows[index].cpu;
  lines.push([name, ...cells, `×${number(growth)} for ×${number(large.users / small.users, 0)} users`]);
}
const rows = lines.map((cells) => `| ${cells.join(' | ')} |`);
const table = [rows[0], `|${' --- |'.repeat(lines[0].length)}`, ...rows.slice(1)].join('\n');
console.log(table);

const help = await median(() => ended([command, '--help']));
const empty = await median(() => ended(['-e', '0']));
const startUp = `rollcall --help takes ×${number(help / empty, 2)} of an empty Node process.`;
console.log(`\n${startUp}`);

if (report) {
  const [{ model }] = cpus();
  const file = join(root, 'bench/report.md');
  const text = `# Report\n\nMade by \`npm run bench -- --report\` with Node ${process.version} on ${cpus().length} × ${model}. Seconds depend on what else\nthe machine does; calls do not.\n\n${table}\n\n${startUp}\n`;
  writeFileSync(file, await format(text, { ...(await resolveConfig(file)), filepath: file }));
}
