import { GenerateCredentialReportCommand, GetCredentialReportCommand } from '@aws-sdk/client-iam';
import type { GetCredentialReportCommandOutput } from '@aws-sdk/client-iam';
import { RollcallError } from '../core/errors.ts';
import type { CredentialReport } from '../kinds/index.ts';
import type { Aws } from './client.ts';
import { codeOf, toRollcallError } from './errors.ts';

/** When the report was asked for, and whether there was one already, which IAM then keeps for four hours. */
export interface ReportRequest {
  readonly at: Date;
  readonly isThere: boolean;
}

/** Asks IAM to make the report, which takes a few seconds. */
export async function requestCredentialReport(aws: Aws): Promise<ReportRequest> {
  try {
    const { State } = await aws.iam.send(new GenerateCredentialReportCommand({}));
    return { at: aws.now(), isThere: State === 'COMPLETE' };
  } catch (error) {
    throw toRollcallError(error, 'GenerateCredentialReport');
  }
}

/** Between looks whether it is there, in ms. */
const pause = 2000;

/**
 * The report that was requested, as soon as IAM has made it.
 *
 * Source: IAM User Guide, "Generate credential reports".
 */
export async function readCredentialReport(aws: Aws, request?: ReportRequest): Promise<CredentialReport> {
  // To ask at once for what was only begun is a call in vain.
  if (request?.isThere === false) await aws.wait(pause - (aws.now().getTime() - request.at.getTime()));
  const { Content, GeneratedTime } = await getCredentialReport(aws);
  const [header, ...lines] = Buffer.from(Content ?? [])
    .toString('utf8')
    .trim()
    .split(/\r?\n/);
  const columns = csvCells(header ?? '');
  const at = (name: string): number => {
    const index = columns.indexOf(name);
    if (index < 0) throw new RollcallError(`GetCredentialReport: the report has no column ${name}`);
    return index;
  };
  const [user, password] = [at('user'), at('password_enabled')];
  const keys = [1, 2].map((n) => ({
    active: at(`access_key_${n}_active`),
    rotatedAt: at(`access_key_${n}_last_rotated`),
  }));
  const rows = new Map(
    lines.map((line) => {
      const cells = csvCells(line);
      const accessKeys = keys
        .map(({ active, rotatedAt }) => ({
          active: cells[active] === 'true',
          rotatedAt: cells[rotatedAt] ?? '',
        }))
        .filter(({ rotatedAt }) => !['N/A', '', 'not_supported'].includes(rotatedAt));
      return [cells[user] ?? '', { password: cells[password] === 'true', accessKeys }];
    }),
  );
  return { madeAt: GeneratedTime ?? null, isOld: request?.isThere !== false, rows };
}

async function getCredentialReport(aws: Aws): Promise<GetCredentialReportCommandOutput> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await aws.iam.send(new GetCredentialReportCommand({}));
    } catch (error) {
      const code = codeOf(error);
      // Both the names of the errors and the names of their shapes occur.
      if (!/^(?:Credential)?Report(?:NotReady|InProgress|NotPresent|Expired)$/.test(code)) {
        throw toRollcallError(error, 'GetCredentialReport');
      }
      if (/NotPresent|Expired/.test(code)) await requestCredentialReport(aws);
    }
    if (attempt >= 60) {
      throw new RollcallError('GetCredentialReport: IAM does not finish the credential report', {
        hint: 'run again in some minutes',
      });
    }
    await aws.wait(pause);
  }
}

/** Names may hold commas: such a cell is in quotes. */
function csvCells(line: string): string[] {
  if (!line.includes('"')) return line.split(',');
  const cells: string[] = [];
  let pieces: string[] = [];
  let isQuoted = false;
  for (const piece of line.split(',')) {
    pieces.push(piece);
    if (piece.split('"').length % 2 === 0) isQuoted = !isQuoted;
    if (isQuoted) continue;
    cells.push(pieces.join(',').replace(/^"(.*)"$/, '$1'));
    pieces = [];
  }
  return cells;
}
