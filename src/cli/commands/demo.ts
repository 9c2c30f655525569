import { GetUserCommand, ListAccessKeysCommand } from '@aws-sdk/client-iam';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withAws } from '../../app/session.ts';
import { codeOf } from '../../aws/errors.ts';
import { exitCode, RollcallError } from '../../core/errors.ts';
import type { ExitCode } from '../../core/errors.ts';
import { startSandbox } from '../../sandbox/index.ts';
import { packageFile } from '../package.ts';
import type { GlobalOptions } from '../program.ts';
import { Terminal } from '../terminal.ts';
import { apply } from './apply.ts';
import { plan } from './plan.ts';

const account = '123456789012';

/** The story in four acts, each with the commands that a user would type, on an account in memory. */
export async function demo(options: GlobalOptions): Promise<ExitCode> {
  const terminal = new Terminal(options);
  const { bold, dim } = terminal.colors;
  const dir = await mkdtemp(join(tmpdir(), 'rollcall-demo-'));
  const sandbox = await startSandbox({ account });
  const manifests = join(dir, 'manifests');
  const keysTo = join(dir, 'keys.jsonl');
  const connection = {
    ...options,
    manifests,
    endpointUrl: sandbox.url,
    credentials: sandbox.operator,
  };
  const act = (title: string): void => terminal.product(`\n${bold(`— ${title}`)}\n`);
  const typed = (line: string): void => terminal.product(`${dim(`$ ${line}`)}\n`);
  const edit = async (change: (text: string) => string): Promise<void> => {
    const file = join(manifests, 'users.yaml');
    const before = await readFile(file, 'utf8');
    const after = change(before);
    if (after === before) throw new Error('the demo’s edit found nothing to change');
    await writeFile(file, after);
  };
  const planned = async (): Promise<ExitCode> => {
    typed('rollcall plan');
    return await plan({ ...connection, format: 'terminal', override: [] });
  };
  const applied = async (): Promise<void> => {
    typed('rollcall apply --yes --keys-to keys.jsonl');
    const code = await apply(undefined, {
      ...connection,
      yes: true,
      keysTo,
      deliveries: join(dir, 'deliveries'),
      override: [],
    });
    if (code !== exitCode.done) throw new RollcallError('the demo could not apply its plan');
  };

  try {
    await cp(packageFile('manifests'), manifests, { recursive: true });

    act('An empty account meets the files of manifests/: melvins for one bucket, three admins in a group');
    await applied();
    await withAws(connection, account, async ({ iam }) => {
      const secrets = new Map(
        (await readFile(keysTo, 'utf8'))
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line) as { accessKeyId: string; secretAccessKey: string })
          .map((key) => [key.accessKeyId, key.secretAccessKey]),
      );
      for (const UserName of ['melvins', 'buzzo', 'lorax', 'dale']) {
        const { User } = await iam.send(new GetUserCommand({ UserName }));
        const { AccessKeyMetadata } = await iam.send(new ListAccessKeysCommand({ UserName }));
        terminal.product(
          `${bold(UserName)}: path ${User?.Path}, created ${User?.CreateDate?.toISOString()}, id ${User?.UserId}\n  ${User?.Arn}\n`,
        );
        for (const { AccessKeyId, Status } of AccessKeyMetadata ?? []) {
          const secret =
            UserName === 'melvins'
              ? `, secret ${secrets.get(AccessKeyId ?? '')} (only the demo prints it)`
              : '';
          terminal.product(`  access key ${AccessKeyId}: ${Status}${secret}\n`);
        }
      }
    });

    act('melvins only ever uploads: an edit restricts the inline policy to s3:PutObject');
    await edit((text) => text.replace('s3:*', 's3:PutObject'));
    await planned();
    await applied();

    act('lorax takes off: the name goes from the file');
    await edit((text) => text.replace(/^ {2}lorax:.*\n(?: {4,}.*\n)*/m, ''));
    await planned();
    await applied();
    await withAws(connection, account, async ({ iam }) => {
      for (const Command of [GetUserCommand, ListAccessKeysCommand] as const) {
        const gone = await iam.send(new Command({ UserName: 'lorax' }) as GetUserCommand).then(
          () => 'is still there',
          (error: unknown) => codeOf(error),
        );
        terminal.product(`${Command.name.replace('Command', '')} lorax: ${gone}\n`);
        if (gone !== 'NoSuchEntity') throw new RollcallError('lorax is still there');
      }
    });

    act('And again: nothing is left to do');
    const code = await planned();
    return code === exitCode.done ? exitCode.done : exitCode.error;
  } finally {
    await sandbox.close();
    await rm(dir, { recursive: true, force: true });
  }
}
