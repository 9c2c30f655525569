import { GetUserCommand, ListAccessKeysCommand } from '@aws-sdk/client-iam';
import { armor, Decrypter, generateIdentity, identityToRecipient } from 'age-encryption';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Io } from '../../app/io.ts';
import { withAws } from '../../app/session.ts';
import { codeOf } from '../../aws/errors.ts';
import { exitCode, RollcallError } from '../../core/errors.ts';
import type { ExitCode } from '../../core/errors.ts';
import { startSandbox } from '../../sandbox/index.ts';
import { packageFile } from '../package.ts';
import type { GlobalOptions } from '../options.ts';
import { Terminal } from '../terminal.ts';
import { apply } from './apply.ts';
import { plan } from './plan.ts';
import { verify } from './receipts.ts';

const account = '123456789012';

/** The story in acts, each with the commands that a user would type, on an account in memory. */
export async function demo(io: Io, options: GlobalOptions): Promise<ExitCode> {
  const terminal = new Terminal(io, options);
  const { bold, dim } = terminal.colors;
  const dir = await mkdtemp(join(tmpdir(), 'rollcall-demo-'));
  const sandbox = await startSandbox({ account, clock: io.now });
  const manifests = join(dir, 'manifests');
  const receipts = join(dir, 'receipts');
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
  const applied = async (): Promise<void> => {
    typed('rollcall apply --yes --keys-to keys.jsonl');
    const code = await apply(io, undefined, {
      ...connection,
      yes: true,
      keysTo: join(dir, 'keys.jsonl'),
      deliveries: join(dir, 'deliveries'),
      receipts,
      override: [],
      lock: true,
      lockTimeout: 0,
    });
    if (code !== exitCode.done) throw new RollcallError('the demo could not apply its plan');
  };

  try {
    await cp(packageFile('manifests'), manifests, { recursive: true });

    act(
      'melvins makes an identity, and gives the public half to the file: the secret will be for nobody else',
    );
    const identity = await generateIdentity();
    const recipient = await identityToRecipient(identity);
    await edit((text) => text.replace('accessKey: {}', `accessKey: { deliverTo: ${recipient} }`));
    terminal.product(`users.melvins.accessKey.deliverTo: ${recipient}\n`);

    act('An empty account meets the files: melvins for one bucket, three admins in a group');
    await applied();
    act('melvins decrypts what was delivered: the only time that anybody sees the secret');
    const mine = join(dir, 'deliveries', account);
    const [file] = await readdir(mine);
    if (file === undefined) throw new RollcallError('melvins’ key was not delivered');
    typed(`age -d -i key.txt deliveries/${account}/${file}`);
    const decrypter = new Decrypter();
    decrypter.addIdentity(identity);
    const armoured = await readFile(join(mine, file), 'utf8');
    terminal.product(`${(await decrypter.decrypt(armor.decode(armoured), 'text')).trim()}\n`);

    act('melvins only ever uploads: an edit restricts the inline policy to s3:PutObject');
    await edit((text) => text.replace('s3:*', 's3:PutObject'));
    await applied();

    act('lorax takes off: the name goes from the file');
    await edit((text) => text.replace(/^ {2}lorax:.*\n(?: {4,}.*\n)*/m, ''));
    await applied();
    await withAws(io, connection, account, async ({ iam }) => {
      for (const Command of [GetUserCommand, ListAccessKeysCommand] as const) {
        const gone = await iam.send(new Command({ UserName: 'lorax' }) as GetUserCommand).then(
          () => 'is still there',
          (error: unknown) => codeOf(error),
        );
        terminal.product(`${Command.name.replace('Command', '')} lorax: ${gone}\n`);
        if (gone !== 'NoSuchEntity') throw new RollcallError('lorax is still there');
      }
    });

    typed('rollcall receipts verify');
    if ((await verify(io, { ...connection, receipts })) !== exitCode.done) {
      throw new RollcallError('the receipt is not verified');
    }

    act('And again: nothing is left to do');
    typed('rollcall plan');
    return await plan(io, {
      ...connection,
      format: 'terminal',
      deliveries: join(dir, 'deliveries'),
      override: [],
    });
  } finally {
    await sandbox.close();
    await rm(dir, { recursive: true, force: true });
  }
}
