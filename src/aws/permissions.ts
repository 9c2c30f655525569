import type { NamesBySection } from '../core/desired.ts';
import { besideReads } from '../kinds/besides.ts';
import { kinds } from '../kinds/index.ts';
import type { Calls } from '../kinds/kind.ts';

type Resource = NonNullable<Calls[keyof Calls]>;

const together = (all: readonly Calls[]): { readonly [operation: string]: Resource } =>
  Object.assign({}, ...all);

/** The reads that make a plan. GetCallerIdentity needs no permission. */
const reads = together([
  { GetAccountAuthorizationDetails: 'account' },
  besideReads,
  ...kinds.map((kind) => kind.reads),
]);

/** Reads that only applying needs: what became of a call without an answer, and the lock. */
const applyReads: Calls = { ListPolicyVersions: 'policy' };

/** Every call that a plan may hold. */
const calls = together(kinds.map((kind) => kind.calls));

/** With what IAM authorises beside them. */
const authorised: typeof calls = Object.assign({}, calls, ...kinds.map((kind) => kind.alsoAuthorised));

const isRead = (operation: string): boolean => /^(Get|List)/.test(operation);

/** The operations that planning and drift call. */
export const planOperations: readonly string[] = Object.keys(reads).sort();

/**
 * Everything that applying may call, the reads of planning included. Tags in a Create call are authorised as tagging,
 * which is here already.
 */
export const applyOperations: readonly string[] = [
  ...new Set([...planOperations, ...Object.keys(applyReads), ...Object.keys(calls)]),
].sort();

interface Statement {
  readonly Sid: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
}

export interface Policy {
  readonly Version: '2012-10-17';
  readonly Statement: readonly Statement[];
}

const iam = (operations: readonly string[]): string[] => operations.map((one) => `iam:${one}`).sort();

/** The policy for planning and drift: these reads and nothing else. */
export const planPolicy = (): Policy => ({
  Version: '2012-10-17',
  Statement: [{ Sid: 'Read', Effect: 'Allow', Action: iam(planOperations), Resource: '*' }],
});

/**
 * The policy for applying, with two limits that no manifest can lift: the roles of the pipeline itself, and what the
 * rails protect.
 */
export function applyPolicy(options: {
  readonly account: string;
  readonly partition?: string;
  /** Roles that must stay as they are. */
  readonly roles: readonly string[];
  /** Providers, by their URLs without `https://`, whose tokens those roles trust, and that must stay too. */
  readonly providers: readonly string[];
  readonly protect: NamesBySection;
}): Policy {
  const { account, partition = 'aws', roles, providers, protect } = options;
  const arn = (rest: string): string => `arn:${partition}:iam::${account}:${rest}`;
  const writes = Object.entries(authorised).filter(([operation]) => !isRead(operation));
  const on = (resource: Resource): string[] =>
    iam(writes.filter(([, one]) => one === resource).map(([operation]) => operation));
  // ARNs of a name, with and without a path.
  const named = (kind: string, names: readonly string[]): string[] =>
    names.flatMap((name) => [arn(`${kind}/${name}`), arn(`${kind}/*/${name}`)]);
  const resources = [...new Set([...kinds.map(({ name }) => name), ...Object.values(authorised)])].filter(
    (one): one is Resource => writes.some(([, resource]) => resource === one),
  );
  const kept = kinds.flatMap(({ name, section }) => named(name, protect[section] ?? []));
  return {
    Version: '2012-10-17',
    Statement: [
      { Sid: 'Read', Effect: 'Allow', Action: iam(applyOperations.filter(isReadOnly)), Resource: '*' },
      ...resources.map((resource): Statement => ({
        Sid: `Write${camel(resource)}`,
        Effect: 'Allow',
        Action: on(resource),
        // IAM knows no narrower resource for what an account has one of.
        Resource: resource === 'account' ? '*' : arn(`${resource}/*`),
      })),
      {
        Sid: 'NeverThePipeline',
        Effect: 'Deny',
        Action: 'iam:*',
        Resource: [
          ...named('role', roles),
          ...named('policy', roles),
          ...providers.map((provider) => arn(`oidc-provider/${provider}`)),
        ],
      },
      ...(kept.length === 0
        ? []
        : [
            {
              Sid: 'NeverTheProtected',
              Effect: 'Deny' as const,
              Action: iam(writes.flatMap(([operation, on]) => (on === 'account' ? [] : operation))),
              Resource: kept,
            },
          ]),
    ],
  };
}

/** `InstanceProfile` of `instance-profile`: an Sid has only letters and digits. */
const camel = (resource: string): string =>
  resource.replaceAll(/(?:^|-)(.)/g, (_, first: string) => first.toUpperCase());

const isReadOnly = (operation: string): boolean =>
  isRead(operation) || operation === 'GenerateCredentialReport';
