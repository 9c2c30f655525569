/** What people may do as a table, a row for each of them and each statement. */
import type { AccessPart, AccessStatement } from '../kinds/access-answer.ts';
import { csvRow } from '../core/csv.ts';
import { parseRef } from '../core/references.ts';
import type { Ref } from '../core/references.ts';
import { partNames, openText, statementNames } from './statements.ts';

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

/** The header first. */
export const accessRows = (account: string, all: readonly Somebody[]): string[] => [
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
];

const placeCells = ({ inline, arn, as, sid, index, via, at }: AccessStatement): string[] => [
  as ?? (arn === undefined ? 'inline' : 'managed'),
  inline ?? arn ?? '',
  sid ?? (index === null ? '' : `#${index + 1}`),
  via ?? '',
  at.policy ?? '',
  at.attached ?? '',
  at.member ?? '',
];
