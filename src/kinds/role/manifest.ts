import { roleArn } from '../../core/arn.ts';
import { limits } from '../../core/limits.ts';
import { NameMap } from '../../core/names.ts';
import type { Role } from '../../core/state.ts';
import { field, place, textOf } from '../../core/tree.ts';
import type { Node } from '../../core/tree.ts';
import type { ManifestContext } from '../reading/context.ts';
import { readInline } from '../reading/documents.ts';
import { checkInlineSize, readAttached, readTags } from '../reading/identities.ts';
import { resolvePolicy } from '../reading/policies.ts';
import { readRenamedFrom, readSection } from '../reading/section.ts';
import type { Declared } from '../reading/section.ts';
import { about } from './about.ts';
import { isAwsName, isAwsPath } from './aws-roles.ts';
import { readTrust } from './read-trust.ts';

const ownKeys = [
  'path',
  'description',
  'maxSession',
  'trust',
  'boundary',
  'instanceProfile',
  'revoke',
  'expires',
  'renamedFrom',
] as const;

/** The `roles` section. A role that has expired is checked like the others, but left out. */
export function readRoles(context: ManifestContext): Map<string, Role> {
  const claimed = new NameMap<Node>();
  return readSection(about, ownKeys, context, (declared) => {
    const { name, value, ref, what } = declared;
    const counts = context.counts(value, ref, what);
    checkIsOurs(declared, context);
    const policies = readInline(value, ref, context);
    checkInlineSize(value, policies, about.limits.inline, what, context);
    const boundary = field(value, 'boundary')?.value;
    const path = textOf(field(value, 'path')?.value) ?? '/';
    const trust = readTrust(declared, context);
    const attachedPolicyArns = readAttached(declared, about.limits, context);
    const tags = readTags(value, ref, context) ?? {};
    const maxSession = readMaxSession(field(value, 'maxSession')?.value, context);
    const renamedFrom = readRenamedFrom(about, value, claimed, context);
    const revoke = field(value, 'revoke')?.value;
    const role: Role = {
      name,
      path,
      arn: roleArn(context.partition, context.account ?? '', path, name),
      policies,
      attachedPolicyArns,
      boundary: boundary ? resolvePolicy(boundary, context) : null,
      trust: trust ?? {},
      tags,
      description: textOf(field(value, 'description')?.value) ?? '',
      maxSession: maxSession ?? limits.shortestRoleSession,
      ...(renamedFrom === undefined ? {} : { renamedFrom }),
      ...(revoke?.kind === 'scalar' && revoke.value === true ? { revoke: true } : {}),
    };
    return counts && trust ? role : null;
  });
}

/** Of some roles AWS says that only it may change them. */
function checkIsOurs({ name, value, at, what }: Declared, { report }: ManifestContext): void {
  const path = field(value, 'path')?.value;
  const isAws = path !== undefined && isAwsPath(textOf(path) ?? '');
  if (!isAws && !isAwsName(name)) return;
  report.error(
    'reserved-name',
    place(isAws ? path : at),
    `${what} ${isAws ? `is below ${textOf(path)}` : 'has a name that AWS gives'}: only AWS makes and changes such roles`,
    { hint: 'take it out; rollcall never touches roles of AWS services and of Identity Center' },
  );
}

/** Seconds of `1h`, `90m`, `5400s` or `1h30m`; the schema has reported anything else. */
function readMaxSession(node: Node | undefined, { report }: ManifestContext): number | undefined {
  const found = /^(?:(\d{1,2})h)?(?:(\d{1,3})m)?(?:(\d{1,5})s)?$/.exec(textOf(node) ?? '');
  if (node === undefined || !found) return undefined;
  const [hours, minutes, seconds] = found.slice(1).map((digits) => Number(digits ?? 0)) as [
    number,
    number,
    number,
  ];
  const all = hours * 3600 + minutes * 60 + seconds;
  if (all >= limits.shortestRoleSession && all <= limits.longestRoleSession) return all;
  report.error(
    'bad-value',
    place(node),
    `a session of ${all} seconds: IAM takes one hour (1h) to twelve (12h)`,
    {
      hint: 'write 1h to 12h; a session may always be asked for shorter than that',
    },
  );
  return undefined;
}
