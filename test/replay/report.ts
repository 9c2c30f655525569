import { existsSync, readFileSync } from 'node:fs';
import type { Result } from './run.ts';

/** What was measured against the whole recordings, by whoever had them at hand. */
export interface Measured {
  readonly groups: Readonly<Record<string, { readonly entries: number; readonly equal: number }>>;
  readonly differences: readonly Difference[];
  /** Recorded answers to operations that the sandbox does not have. */
  readonly leftOut: readonly string[];
}

export interface Difference {
  readonly entry: string;
  readonly what: string;
  readonly why: string;
}

export const recordFile = 'docs/reliability/recordings.json';
export const pageFile = 'docs/sandbox-recordings.md';
export const readMeasured = (): Measured | null =>
  existsSync(recordFile) ? (JSON.parse(readFileSync(recordFile, 'utf8')) as Measured) : null;

export const nameOf = ({ test, step }: Result): string => `${test}: ${step.entry}`;

export const differenceOf = (result: Result): Difference => ({
  entry: nameOf(result),
  what: result.recorded ?? '',
  why: result.step.differs ?? '',
});

export function measure(results: Readonly<Record<string, readonly Result[]>>): Measured {
  const all = Object.values(results).flat();
  const counted = (list: readonly Result[]) => list.filter(({ isLeftOut }) => !isLeftOut);
  return {
    groups: Object.fromEntries(
      Object.entries(results).map(([group, list]) => [
        group,
        {
          entries: counted(list).length,
          equal: counted(list).filter(({ recorded }) => recorded === null).length,
        },
      ]),
    ),
    differences: counted(all)
      .filter(({ recorded }) => recorded !== null)
      .map(differenceOf),
    leftOut: all.filter(({ isLeftOut }) => isLeftOut).map((item) => `${nameOf(item)} (${item.step.op})`),
  };
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('<', '&lt;');

/** docs/sandbox-recordings.md. */
export function page({ groups, differences, leftOut }: Measured): string {
  const rows = Object.entries(groups)
    .map(([group, { entries, equal }]) => {
      const share = ((100 * equal) / Math.max(1, entries)).toFixed(1);
      return `| ${group} | ${entries} | ${equal} | ${share} % |`;
    })
    .join('\n');
  const others = differences
    .map(({ entry, what, why }) => `| \`${entry}\` | ${cell(what)} | ${cell(why)} |`)
    .join('\n');
  return `# The sandbox and recordings of AWS

<!-- Made by \`npm run conformance\` from test/replay; do not edit. -->

LocalStack keeps what AWS itself answered, in 2025, to the calls of its tests of IAM and STS
([test_iam.snapshot.json](https://github.com/localstack/localstack/blob/main/tests/aws/services/iam/test_iam.snapshot.json),
[test_sts.snapshot.json](https://github.com/localstack/localstack/blob/main/tests/aws/services/sts/test_sts.snapshot.json)).
[test/replay](../test/replay/table.ts) makes the same calls, in words of its own, with the AWS SDK over HTTP on a sandbox that
enforces policies, and compares every answer: which members are there, what is in them, error codes, texts and HTTP
statuses. Names, ids and times are placeholders in the recordings, which must stand for the same text throughout a test.

Counted are all recorded answers to operations that the sandbox has.

| group | answers recorded | equal | share |
| --- | ---: | ---: | ---: |
${rows}

The recordings are not part of the project. What they taught is: test/replay holds, for every answer, what must come, and
\`npm test\` checks it everywhere. With the recordings at hand,
\`ROLLCALL_RECORDINGS=test_iam.snapshot.json:test_sts.snapshot.json npx vitest run test/replay\` compares with them too
(one of them or a part of one will do); where there are none, that test says that it is skipped.

## What remains different

| answer | difference | why |
| --- | --- | --- |
${others}
${
  leftOut.length === 0
    ? ''
    : `
## Not counted

Operations that the sandbox does not have, and what builds on them:

${leftOut.map((entry) => `- \`${entry}\``).join('\n')}
`
}`;
}
