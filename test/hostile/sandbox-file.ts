import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RollcallError } from '../../src/core/errors.ts';
import { createIam } from '../../src/sandbox/index.ts';
import { ask } from './asking.ts';
import { prototypesAreClean } from './support.ts';

const document = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}';

/** The bytes of a sandbox's file with some of everything. */
export const goodFile: Buffer = (() => {
  const dir = mkdtempSync(join(tmpdir(), 'rollcall-hostile-'));
  const file = join(dir, 'good.db');
  const iam = createIam({ seed: 1, file });
  for (const UserName of ['buzzo', 'dale', 'lorax', 'melvins']) {
    iam.call('CreateUser', { UserName, Tags: [{ Key: 'team', Value: 'x' }] });
    iam.call('PutUserPolicy', { UserName, PolicyName: 'p', PolicyDocument: document });
    iam.call('CreateAccessKey', { UserName });
  }
  iam.call('CreateGroup', { GroupName: 'admins' });
  iam.call('AddUserToGroup', { GroupName: 'admins', UserName: 'dale' });
  iam.call('CreatePolicy', { PolicyName: 'reports', PolicyDocument: document });
  iam.close();
  const bytes = readFileSync(file);
  rmSync(dir, { recursive: true });
  return bytes;
})();

/** Opens a file and uses what is in it; a refusal leaves the file as it was. */
function tryToUse(file: string, content: Buffer): 'opened' | 'refused' {
  writeFileSync(file, content);
  try {
    const iam = createIam({ seed: 1, file });
    try {
      for (const op of [
        'ListUsers',
        'ListGroups',
        'GetAccountAuthorizationDetails',
        'GetAccountSummary',
      ] as const) {
        const reply = ask(iam, `Action=${op}&Version=2010-05-08`);
        if (reply.status !== 200) throw new Error(`${op} answers ${reply.body}`);
      }
    } finally {
      iam.close();
    }
    return 'opened';
  } catch (error) {
    if (!(error instanceof RollcallError)) throw error;
    if (!error.message.includes('tried.db'))
      throw new Error(`does not name the file: ${error.message}`, { cause: error });
    if (!readFileSync(file).equals(content)) throw new Error('a refused file was changed', { cause: error });
    return 'refused';
  }
}

/** Neither leaves a lock or changes a prototype. */
export function use(content: Buffer): 'opened' | 'refused' {
  const dir = mkdtempSync(join(tmpdir(), 'rollcall-hostile-'));
  try {
    const file = join(dir, 'tried.db');
    const outcome = tryToUse(file, content);
    if (existsSync(`${file}.lock`)) throw new Error('a lock stays');
    if (!prototypesAreClean()) throw new Error('a prototype was changed');
    return outcome;
  } finally {
    rmSync(dir, { recursive: true });
  }
}
