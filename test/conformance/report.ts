import { readFileSync } from 'node:fs';
import { documents, urlOf, type Row } from './row.ts';

/** What moto gave where it differs from the table, by row. */
export interface Recorded {
  readonly version: string;
  readonly answers: Readonly<Record<string, string>>;
}

export const recordFile = 'test/conformance/moto.json';
export const readRecord = (): Recorded => JSON.parse(readFileSync(recordFile, 'utf8')) as Recorded;

/** In one word, how moto differs. */
function kindOf(row: Row, answer: string): string {
  if (answer.endsWith(' 500')) return 'has no such operation, or fails inside';
  if (answer === 'success') return 'does not check this';
  if (answer.startsWith('success with')) return 'answers otherwise';
  return 'error' in row.expected ? 'gives another error' : 'refuses';
}

export interface Report {
  readonly rows: number;
  readonly operations: number;
  readonly bySource: Readonly<Record<string, number>>;
  readonly byExpectation: Readonly<Record<string, number>>;
  readonly byOperation: Readonly<Record<string, number>>;
  readonly moto: {
    readonly version: string;
    readonly same: number;
    readonly different: number;
    readonly byKind: Readonly<Record<string, number>>;
    /** `follows`: who does as the source says. */
    readonly differences: readonly {
      readonly row: string;
      readonly documented: string;
      readonly moto: string;
      readonly follows: 'sandbox';
      readonly source: string;
    }[];
  };
}

const count = (items: readonly string[]): Record<string, number> => {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1);
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
};

const expectation = ({ expected }: Row): string =>
  'error' in expected ? `${expected.error} (${expected.status})` : 'success';

/** Figures of the table; every row of it is asserted, so that the sandbox has no column. */
export function report(rows: readonly Row[], recorded: Recorded): Report {
  const different = rows.filter(({ name }) => name in recorded.answers);
  return {
    rows: rows.length,
    operations: new Set(rows.filter(({ call }) => !('raw' in call)).map(({ call }) => call.op)).size,
    bySource: count(rows.map(({ source }) => documents[source.kind])),
    byExpectation: count(rows.map(expectation)),
    byOperation: count(rows.map(({ call }) => call.op)),
    moto: {
      version: recorded.version,
      same: rows.length - different.length,
      different: different.length,
      byKind: count(different.map((row) => kindOf(row, recorded.answers[row.name]!))),
      differences: different.map((row) => ({
        row: row.name,
        documented: expectation(row),
        moto: recorded.answers[row.name]!,
        follows: 'sandbox',
        source: urlOf(row.source),
      })),
    },
  };
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('<', '&lt;');

function sourceCell({ source }: Row): string {
  const about = source.quote ?? source.says ?? (source.shape === undefined ? '' : `shape ${source.shape}`);
  return `[${documents[source.kind]}: ${source.page}](${urlOf(source)})${about === '' ? '' : `: ${cell(about)}`}`;
}

const list = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .map(([what, number]) => `| ${cell(what)} | ${number} |`)
    .join('\n');

/** docs/conformance.md. */
export function markdown(rows: readonly Row[], recorded: Recorded): string {
  const { bySource, byExpectation, moto, operations } = report(rows, recorded);
  const table = rows
    .map((row) => {
      const answer = recorded.answers[row.name];
      return `| ${cell(row.name)} | ${expectation(row)} | ${answer === undefined ? '=' : cell(answer)} | ${sourceCell(row)} |`;
    })
    .join('\n');
  return `# Conformance of the sandbox

<!-- Made by \`npm run conformance\` from test/conformance; do not edit. -->

${rows.length} calls of ${operations} operations, each with the answer that AWS documents and the document that says so, or that AWS
itself was recorded to give and who recorded it. The sandbox gives that answer in every row: to the AWS SDK for
JavaScript, to boto3, and for some rows to the AWS CLI. We did not call AWS: where documents and recordings are silent
there is no row. LocalStack's recordings as a whole: [sandbox-recordings.md](sandbox-recordings.md).

Two sources are read by the tests, from the service model that botocore ships: that an error belongs to its operation
and has that HTTP status, and that quoted words are on the operation's page. Lengths, patterns, value sets and
required members of all inputs are compared with the model too. Which documented errors the rows provoke, and why the
others are out of reach, is in [reliability/errors.json](reliability/errors.json). Pages of the IAM User Guide are told in our words.

| source | rows |
| --- | ---: |
${list(bySource)}

| expected | rows |
| --- | ---: |
${list(byExpectation)}

## Moto

The same rows run against [moto](https://github.com/getmoto/moto) ${moto.version} as it is after installation: ${moto.same} answers are
the documented ones, ${moto.different} are not. In each of these the sandbox follows AWS's documentation, by the source
in the row. Moto is lenient on purpose, has AWS's managed policies only when told
(\`MOTO_IAM_LOAD_MANAGED_POLICIES\`) and checks signatures and policies only when told
(\`INITIAL_NO_AUTH_ACTION_COUNT\`): a green run on it says less than one on the sandbox.

| how moto differs | rows |
| --- | ---: |
${list(moto.byKind)}

## Rows

In the column for moto, \`=\` is the documented answer.

| call | AWS | moto | source |
| --- | --- | --- | --- |
${table}
`;
}
