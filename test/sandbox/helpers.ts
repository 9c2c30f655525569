import { IAMClient, type IAMClientConfig } from '@aws-sdk/client-iam';
import { onTestFinished } from 'vitest';
import { startSandbox, type Sandbox, type SandboxOptions } from '../../src/sandbox/index.ts';

interface KeyPair {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** An SDK client over HTTP, one attempt per call. */
export const clientOf = (
  sandbox: Pick<Sandbox, 'url' | 'operator'>,
  credentials: KeyPair = sandbox.operator,
  config: Partial<IAMClientConfig> = {},
): IAMClient =>
  new IAMClient({ endpoint: sandbox.url, region: 'us-east-1', maxAttempts: 1, credentials, ...config });

/** A sandbox that ends with the test. */
export async function sandboxFor(
  options: SandboxOptions = {},
): Promise<{ sandbox: Sandbox; client: IAMClient }> {
  const sandbox = await startSandbox({ seed: 1, ...options });
  const client = clientOf(sandbox);
  onTestFinished(async () => {
    client.destroy();
    await sandbox.close();
  });
  return { sandbox, client };
}

/** A clock that only moves when told to. */
export function manualClock(start = '2026-03-01T12:00:00Z'): { (): Date; advance(ms: number): void } {
  let time = Date.parse(start);
  return Object.assign(() => new Date(time), { advance: (ms: number) => void (time += ms) });
}

export const policy = (
  effect: 'Allow' | 'Deny',
  action: string | string[],
  resource: string | string[] = '*',
): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: effect, Action: action, Resource: resource }],
  });

export const trust = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }],
});

export const documentOf = (encoded: string | undefined): unknown =>
  JSON.parse(decodeURIComponent(encoded ?? ''));
