import { resolve } from 'node:path';
import type { Io } from '../../app/io.ts';
import { exitCode, RollcallError } from '../../core/errors.ts';
import type { ExitCode } from '../../core/errors.ts';
import { clean, shownJson } from '../../core/text.ts';
import { startSandbox } from '../../sandbox/index.ts';
import type { GlobalOptions } from '../options.ts';
import { Terminal } from '../terminal.ts';

/** Serves until it is interrupted. */
export async function sandbox(
  io: Io,
  options: GlobalOptions & {
    readonly port: number;
    readonly host: string;
    readonly allowHost?: readonly string[];
    readonly file?: string;
    readonly account: string;
    readonly enforce?: boolean;
    readonly strict?: boolean;
  },
): Promise<ExitCode> {
  const terminal = new Terminal(io, options);
  const { port, host, allowHost = [], file, account, enforce, strict } = options;
  const server = await startSandbox({
    port,
    host,
    allowHosts: allowHost,
    account,
    clock: io.now,
    ...(file === undefined ? {} : { file: resolve(io.cwd, file) }),
    ...(enforce === undefined ? {} : { enforce }),
    ...(strict === undefined ? {} : { strict }),
  }).catch((error: NodeJS.ErrnoException) => {
    if (error.syscall !== 'listen' && error.syscall !== 'getaddrinfo') throw error;
    throw new RollcallError(`cannot listen on port ${port} of ${host} (${error.code})`, {
      hint:
        error.code === 'EADDRINUSE' || error.code === 'EACCES'
          ? '--port 0 takes any free port'
          : '--host is an address of this machine, or 0.0.0.0 for all of them',
    });
  });
  // Whoever reads the address may end it at once.
  const interrupted = new Promise<void>((ended) => {
    const unsubscribe = io.onInterrupt(() => {
      unsubscribe();
      ended();
    });
  });
  terminal.product(
    options.json
      ? `${shownJson({ url: server.url, account, credentials: server.operator }, 0)}\n`
      : `IAM sandbox for account ${account} at ${server.url}\n` +
          `  export AWS_ENDPOINT_URL_IAM=${server.url} AWS_ENDPOINT_URL_STS=${server.url} AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1\n` +
          `  export AWS_ACCESS_KEY_ID=${server.operator.accessKeyId} AWS_SECRET_ACCESS_KEY=${server.operator.secretAccessKey}\n` +
          `Ctrl-C ends it${file ? ` (kept in ${clean(file)})` : ' and forgets everything'}.\n`,
  );
  await interrupted;
  await server.close();
  return exitCode.done;
}
