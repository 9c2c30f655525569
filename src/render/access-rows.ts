/** What people may do as a table, a row for each of them and each statement. */
import type { AccessPart, AccessStatement, RoleWay } from '../kinds/access-answer.ts';
import { csvRow } from '../core/csv.ts';
import { parseRef } from '../core/references.ts';
import type { Ref } from '../core/references.ts';
import { conditionsIn, openText, partNames, statementNames } from './statements.ts';

const columns = [
  'account',
  'kind',
  'name',
  'decision',
  'effect',
  'actions',
  'resources',
  'conditions',
  'policy_type',
  'policy',
  'statement',
  'group',
  'policy_at',
  'attached_at',
  'member_at',
] as const;

interface Somebody {
  readonly principal: Ref;
  readonly decision?: string;
  readonly parts: readonly AccessPart[];
  readonly denies: readonly AccessStatement[];
  readonly withheld: readonly AccessStatement[];
  readonly unknown: readonly AccessStatement[];
}

/** The header first; who may do it by roles last, with the roles in the place of the resources. */
export const accessRows = (
  account: string,
  all: readonly Somebody[],
  throughRoles: readonly (Omit<RoleWay, 'decision'> & { readonly decision?: string | undefined })[],
): string[] => [
  csvRow(columns),
  ...new Set(
    all.flatMap(({ principal, decision = '', parts, denies, withheld, unknown }) => {
      const { kind, name } = parseRef(principal);
      const row = (effect: string, statement: AccessStatement, names: readonly string[]): string =>
        csvRow([
          account,
          kind,
          name,
          decision,
          effect,
          ...names,
          openText(statement).replace(/^ if /, ''),
          ...placeCells(statement),
        ]);
      return [
        ...parts.map((part) => row('allow', part.allow, partNames(part))),
        ...denies.map((one) => row('deny', one, statementNames(one))),
        ...withheld.map((one) => row('withheld', one, statementNames(one))),
        ...unknown.map((one) => row('unknown', one, ['', ''])),
      ];
    }),
  ),
  ...throughRoles.map(({ principal, outsider, steps, decision = '' }) => {
    const { kind, name } =
      principal === undefined ? { kind: outsider!.type, name: outsider!.name } : parseRef(principal);
    const when = steps.map(({ conditions }) => conditionsIn(conditions).replace(/^ if /, '')).filter(Boolean);
    const roles = steps.map(({ role }) => role).join(' ');
    return csvRow([
      account,
      kind,
      name,
      decision,
      'through-role',
      'sts:AssumeRole',
      roles,
      when.join(' and '),
      ...none,
    ]);
  }),
];

const none = Array.from({ length: 7 }, () => '');

const placeCells = ({ inline, arn, as, sid, index, via, at }: AccessStatement): string[] => [
  as ?? (arn === undefined ? 'inline' : 'managed'),
  inline ?? arn ?? '',
  sid ?? (index === null ? '' : `#${index + 1}`),
  via ?? '',
  at.policy ?? '',
  at.attached ?? '',
  at.member ?? '',
];
