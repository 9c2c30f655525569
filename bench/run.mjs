// Plan and apply at two sizes on the embedded IAM, as processes: calls, seconds, peak memory, and their growth.
// Run by hand (`npm run bench`); figures compare within one run only. See bench/README.md.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { writeAccount } from './manifests.mjs';
import { command, rollcall, root, startSandbox } from './processes.mjs';

const report = process.argv.includes('--report');
const sizes = process.argv
  .slice(2)
  .filter((arg) => arg !== '--report')
  .map(Number);
if (sizes.length === 0) sizes.push(500, 5000);
const largest = Math.max(...sizes);

/** Plans whose changes reach everybody: what somebody gains and loses is compared for each. */
const reachingMany = {
  'that changes a policy that all hold through a group': { shared: true },
  'that gives each an inline policy of their own': { own: true },
};

async function at(users) {
  const dir = mkdtempSync(join(tmpdir(), 'rollcall-bench-'));
  const there = join(dir, 'manifests');
  writeAccount(there, users);
  const { child, url } = await startSandbox();
  const all = ['--manifests', there, '--endpoint-url', url, '-v'];
  const overrides = ['--override', 'max-removals', 'last-administrator'];
  const rows = [];
  const measure = async (name, expected, args) => {
    const row = await rollcall([...args, ...all]);
    if (row.code !== expected) throw new Error(`${name}: exit ${row.code}\n${row.errors}`);
    rows.push({ name, ...row });
  };
  const ratios = [];
  try {
    await measure('validate', 0, ['validate']);
    await measure('plan from empty', 2, ['plan']);
    await measure('apply from empty', 0, ['apply', '--yes']);
    await measure('plan, nothing to do', 0, ['plan']);
    if (users === largest) ratios.push(await compare('with nothing to do', there, url, ['plan', ...all]));
    await measure('apply, nothing to do', 0, ['apply', '--yes']);
    for (const [name, differs] of Object.entries(reachingMany)) {
      if (users !== largest) break;
      writeAccount(there, users, differs);
      ratios.push(await compare(name, there, url, ['plan', ...all]));
    }
    writeAccount(there, users, { leaving: users / 5 });
    await measure('plan offboarding 20 %', 2, ['plan', ...overrides]);
    if (users === largest)
      ratios.push(await compare('that offboards 20 %', there, url, ['plan', ...overrides, ...all]));
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
  return { rows, ratios };
}

/** CPU and memory of a plan, and of a plain script that reads and compares the same: in turn, some times. */
async function compare(name, there, url, args, times = 5) {
  const figures = [];
  for (let time = 0; time < times; time += 1) {
    const plan = await rollcall(args);
    const plain = await rollcall([there, url], { program: join(root, 'bench/plain.mjs') });
    if (![0, 2].includes(plan.code) || plain.code !== 0) throw new Error(`${plan.errors}${plain.errors}`);
    figures.push({ ratio: plan.cpu / plain.cpu, plan, plain });
  }
  const middle = (of) => figures.map(of).sort((a, b) => a - b)[Math.floor(times / 2)];
  return {
    name,
    ratio: middle(({ ratio }) => ratio),
    cpu: middle(({ plan }) => plan.cpu),
    plain: middle(({ plain }) => plain.cpu),
    mib: Math.max(...figures.map(({ plan }) => plan.mib)),
  };
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
for (const users of sizes) results.push({ users, ...(await at(users)) });

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

const comparison = large.ratios
  .map(
    ({ name, ratio, cpu, plain, mib }) =>
      `A plan of ${large.users} users ${name} takes ×${number(ratio, 2)} of the CPU of a plain script ` +
      `(${number(cpu)} s and ${number(plain)} s), and ${number(mib, 0)} MiB at most.`,
  )
  .join('\n\n');
console.log(`\n${comparison}`);

const help = await median(() => ended([command, '--help']));
const empty = await median(() => ended(['-e', '0']));
const validate = await median(() => ended([command, 'validate', '--manifests', join(root, 'manifests')]));
const startUp = `rollcall --help takes ×${number(help / empty, 2)} of an empty Node process, rollcall validate of a small directory ×${number(validate / empty, 2)}.`;
console.log(`\n${startUp}`);

if (report) {
  const [{ model }] = cpus();
  const file = join(root, 'bench/report.md');
  const text = `# Report\n\nMade by \`npm run bench -- --report\` with Node ${process.version} on ${cpus().length} × ${model}. Seconds depend on what else\nthe machine does; calls do not.\n\n${table}\n\n${comparison}\n\n${startUp}\n`;
  writeFileSync(file, await format(text, { ...(await resolveConfig(file)), filepath: file }));
}
