import type { Json } from '../../src/core/json.ts';
import { connect } from '../../src/aws/client.ts';
import type { Aws } from '../../src/aws/client.ts';
import { execute } from '../../src/aws/execute.ts';
import type { StepResult } from '../../src/aws/execute.ts';
import type { SecretSink } from '../../src/aws/secrets.ts';
import { generatePassword } from '../../src/app/delivery/index.ts';
import { planAccount } from '../../src/app/session.ts';
import type { Planning } from '../../src/app/session.ts';
import { railNames } from '../../src/core/rails.ts';
import type { Desired } from '../../src/core/desired.ts';
import type {
  AccountState,
  Credentials,
  Group,
  InstanceProfile,
  ManagedPolicy,
  OidcProvider,
  Role,
  SamlProvider,
  User,
} from '../../src/core/state.ts';
import { startSandbox } from '../../src/sandbox/index.ts';
import type { Sandbox, SandboxOptions } from '../../src/sandbox/index.ts';

export const accountId = '123456789012';

/** A sandbox with a client on it. */
export interface TestAccount {
  readonly sandbox: Sandbox;
  readonly aws: Aws;
  /** Any call, by name, as a test's set-up writes it. */
  call(op: string, input: { [field: string]: Json }): Promise<unknown>;
  close(): Promise<void>;
}

export async function testAccount(
  options: SandboxOptions & { transport?: 'http' | 'direct'; start?: Date; parallelism?: number } = {},
): Promise<TestAccount> {
  const { transport = 'http', start = new Date(), parallelism, ...rest } = options;
  // Nobody waits in tests: waiting moves the sandbox's clock.
  let time = start.getTime();
  const clock = (): Date => new Date(time);
  const sandbox = await startSandbox({ account: accountId, seed: 1, clock, ...rest });
  const aws = connect({
    endpointUrl: sandbox.url,
    credentials: sandbox.operator,
    ...(transport === 'direct' ? { requestHandler: sandbox.handler } : {}),
    now: clock,
    retryDelay: () => 0,
    ...(parallelism === undefined ? {} : { parallelism }),
    wait: (ms) => {
      time += ms;
      return Promise.resolve();
    },
  });
  return {
    sandbox,
    aws,
    async call(op, input) {
      const sdk = (await import('@aws-sdk/client-iam')) as unknown as Record<
        string,
        new (input: object) => Parameters<Aws['iam']['send']>[0]
      >;
      return await aws.iam.send(new sdk[`${op}Command`]!(input));
    },
    async close() {
      aws.close();
      await sandbox.close();
    },
  };
}

const byName = <T extends { readonly name: string }>(items: readonly T[]): Map<string, T> =>
  new Map([...items].sort((a, b) => (a.name < b.name ? -1 : 1)).map((item) => [item.name, item]));

/** Of a user who can sign in nowhere. */
export const noCredentials: Credentials = {
  accessKeys: [],
  loginProfile: null,
  mfaDevices: [],
  signingCertificates: [],
  sshKeys: [],
  serviceCredentials: [],
};

export const aUser = (name: string, rest: Partial<User> = {}): User => ({
  name,
  path: '/',
  tags: {},
  groups: [],
  policies: {},
  attachedPolicyArns: [],
  boundary: null,
  ...rest,
});

export const aGroup = (name: string, rest: Partial<Group> = {}): Group => ({
  name,
  path: '/',
  policies: {},
  attachedPolicyArns: [],
  ...rest,
});

export const aPolicy = (name: string, document: ManagedPolicy['document'], path = '/'): ManagedPolicy => ({
  name,
  path,
  arn: `arn:aws:iam::${accountId}:policy${path}${name}`,
  document,
});

export const aRole = (name: string, trust: Role['trust'], rest: Partial<Role> = {}): Role => ({
  name,
  path: '/',
  arn: `arn:aws:iam::${accountId}:role${rest.path ?? '/'}${name}`,
  trust,
  tags: {},
  policies: {},
  attachedPolicyArns: [],
  boundary: null,
  ...rest,
});

/** Lets somebody assume a role. */
export const trusting = (...AWS: string[]): Role['trust'] => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { AWS }, Action: 'sts:AssumeRole' }],
});

/** Desired state without files, for tests that are about plans. */
export function desiredOf(
  parts: {
    users?: readonly User[];
    groups?: readonly Group[];
    policies?: readonly ManagedPolicy[];
    roles?: readonly Role[];
    instanceProfiles?: readonly InstanceProfile[];
    oidcProviders?: readonly OidcProvider[];
    samlProviders?: readonly SamlProvider[];
  },
  rest: Partial<Desired> = {},
): Desired {
  const state: AccountState = {
    account: accountId,
    partition: 'aws',
    users: byName(parts.users ?? []),
    groups: byName(parts.groups ?? []),
    policies: byName(parts.policies ?? []),
    roles: byName(parts.roles ?? []),
    instanceProfiles: byName(parts.instanceProfiles ?? []),
    oidcProviders: byName(parts.oidcProviders ?? []),
    samlProviders: byName(parts.samlProviders ?? []),
  };
  return {
    state,
    rails: {
      maxRemovals: {},
      protect: { users: [], groups: [], policies: [] },
      minMembers: {},
      deny: [],
    },
    ignore: { users: [], groups: [], policies: [], roles: [] },
    manage: {},
    removed: {},
    sources: new Map(),
    hash: '',
    files: [],
    expiring: [],
    ...rest,
  };
}

export const allRails = railNames;

/** Plans and applies; secrets are collected, not written. */
export async function reconcile(
  desired: Desired,
  aws: Aws,
  { targets, ...options }: { signal?: AbortSignal; targets?: readonly string[] } = {},
): Promise<Planning & { results: StepResult[]; sink: TestSink }> {
  const planning = await planAccount(desired, aws, { overrides: allRails, ...(targets ? { targets } : {}) });
  const sink = new TestSink();
  const results = await execute(planning.plan, aws, { sink, ...options });
  return { ...planning, results, sink };
}

/** Keeps in memory what was delivered. */
export class TestSink implements SecretSink {
  readonly delivered: { user: string; to: string | null; secret: string; id?: string }[] = [];

  deliverAccessKey(key: Parameters<SecretSink['deliverAccessKey']>[0]): Promise<unknown> {
    const { user, to, accessKeyId, secretAccessKey } = key;
    return Promise.resolve(this.delivered.push({ user, to, id: accessKeyId, secret: secretAccessKey }));
  }

  deliverPassword({ user, to, password }: Parameters<SecretSink['deliverPassword']>[0]): Promise<unknown> {
    return Promise.resolve(this.delivered.push({ user, to, secret: password }));
  }

  undo(): Promise<void> {
    this.delivered.pop();
    return Promise.resolve();
  }

  generatePassword(): string {
    return generatePassword(null);
  }
}
