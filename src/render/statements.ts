/** Words for what people may do, and for the statements that say so. */
import type {
  AccessAnswer,
  AccessNames,
  AccessPart,
  AccessRequest,
  AccessStatement,
  Unread,
} from '../kinds/access-answer.ts';
import { policyLabel } from '../kinds/words.ts';
import { listSome, listWords } from '../core/text.ts';
import { conditionsText, grantText } from '../policy/index.ts';
import type { Parts } from '../policy/index.ts';

/** `s3:GetObject on arn:aws:s3:::reports/* with aws:SourceIp=203.0.113.7` */
export const requestText = (request: AccessRequest): string =>
  `${request.action} on ${request.resource === '*' ? 'any resource' : request.resource}${valuesText(request)}`;

export function valuesText({ context }: AccessRequest): string {
  const values = Object.entries(context).flatMap(([key, all]) => all.map((value) => `${key}=${value}`));
  return values.length > 0 ? ` with ${values.join(', ')}` : '';
}

const isPattern = ({ action, resource }: AccessRequest): boolean => /[*?]/.test(action + resource);

/** ` if Bool aws:MultiFactorAuthPresent true`; empty: there are none. */
export function conditionsIn(conditions: NonNullable<AccessStatement['conditions']>): string {
  const tests = conditions.map(({ operator, key, values }) => ({
    operator,
    key,
    ...(values ? { values: { names: values } } : {}),
  }));
  return conditionsText(tests.length > 0 ? { tests } : null);
}

/** What must hold that is not known to hold. */
export function openText({ conditions = [], variables = [] }: AccessStatement): string {
  const set = variables.map((name) => `\${${name}} has a value`);
  const when = conditionsIn(conditions);
  return when + (set.length > 0 ? `${when === '' ? ' if ' : ' and '}${listWords(set, 'and')}` : '');
}

/** Actions and resources of a statement, as far as a cell of a table takes them. */
export function statementNames({ grant }: AccessStatement): [actions: string, resources: string] {
  if (!('actions' in grant)) return ['', ''];
  return [elementText(grant.actions), elementText(grant.resources)];
}

const elementText = (names: Parts['actions']): string => {
  if (!names) return '';
  const all = `${names.names.join(' ')}${names.more === undefined ? '' : ` and ${names.more} more`}`;
  return names.except ? `* except ${all}` : all;
};

/** The same of a part. */
export const partNames = ({ actions, resources }: AccessPart): [actions: string, resources: string] => [
  cellText(actions),
  cellText(resources),
];

const cellText = ({ patterns, except }: AccessNames): string =>
  `${patterns.join(' ')}${except.length > 0 ? ` except ${except.join(' ')}` : ''}`;

/** What a statement says, with the conditions that are open alone. */
export const statementText = (statement: AccessStatement): string => {
  const { grant } = statement;
  return 'actions' in grant
    ? grantText({ ...grant, conditions: null }) + openText(statement)
    : grantText(grant);
};

const most = 8;

const namesText = ({ patterns, except }: AccessNames): string =>
  listSome(patterns, most) + (except.length > 0 ? ` except ${listSome(except, most)}` : '');

/** What a part gives: of one request the statement that allows it, of a pattern what of it is allowed. */
export function partText(part: AccessPart, request: AccessRequest): string {
  const { actions, resources, allow, within } = part;
  const bound = within ? openText(within) : '';
  const given = isPattern(request)
    ? `${namesText(actions)} on ${namesText(resources)}${openText(allow)}`
    : statementText(allow);
  return bound === '' ? given : `${given}, within the boundary${bound}`;
}

/** `statement Read of the policy read-reports through group analysts (policies.yaml:3:5; member: people.yaml:9:3)` */
export function sourceText({ inline, arn, sid, via, as, at }: AccessStatement): string {
  const label = arn === undefined ? '' : policyLabel(arn);
  const policy =
    as === 'boundary'
      ? `the boundary ${label}`
      : inline === undefined
        ? `the policy ${label}`
        : `the inline policy ${inline}`;
  const places = [
    ...(at.policy === undefined ? [] : [at.policy]),
    ...(at.attached === undefined ? [] : [`attached: ${at.attached}`]),
    ...(at.member === undefined ? [] : [`member: ${at.member}`]),
  ];
  return `${sid === undefined ? '' : `statement ${sid} of `}${policy}${via === undefined ? '' : ` through group ${via}`}${places.length > 0 ? ` (${places.join('; ')})` : ''}`;
}

/** What becomes of a request. */
export function decisionText({
  decision,
  boundary,
  withheld,
}: Pick<AccessAnswer, 'decision' | 'boundary' | 'withheld'>): string {
  switch (decision) {
    case 'allowed':
      return 'allowed';
    case 'conditional':
      return 'depends on conditions';
    case 'partly':
      return 'allowed in part';
    case 'unknown':
      return 'not known';
    case 'explicitDeny':
      return 'denied';
    case 'implicitDeny':
      if (withheld.length === 0) return 'not allowed: no policy allows it';
      return boundary?.takes === 'none'
        ? `not allowed: outside the permissions boundary ${policyLabel(boundary.arn)}`
        : `not allowed: Denies${boundary ? ' and the permissions boundary' : ''} leave nothing of it`;
  }
}

const mostNames = 3;

/** What an answer leaves out, a sentence each. */
export function notesOf({ sentences, byName, undeclared }: Unread): string[] {
  const some = (arns: readonly string[]): string => listSome(arns.map(policyLabel), mostNames);
  return [
    ...sentences,
    ...(byName.length > 0
      ? [
          `without the account it is not known what AWS's policies say: of ${some(byName)} only the name counts`,
        ]
      : []),
    ...(undeclared.length > 0 ? [`no file declares ${some(undeclared)}: what it says is not known`] : []),
    'not read: policies of buckets, keys and other resources, of the organisation and of sessions, which may give or ' +
      'take access',
  ];
}
