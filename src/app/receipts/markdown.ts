import { codeBlock, codeSpan } from '../../core/markdown.ts';
import { plural } from '../../core/text.ts';
import type { Existed, NamedIn, Outside, Receipt, ReceiptStep, Task, Trust } from './receipt.ts';

/**
 * The receipt for people. It says nothing that the JSON does not. All text that is not rollcall's own is in code spans
 * or blocks, so that no name or message can pass for markup.
 */
export function renderReceipt(receipt: Receipt): string {
  const { user, complete, account } = receipt;
  return `${[
    `# Offboarding of ${codeSpan(user.name)} from AWS account ${account}`,
    ...(complete
      ? [
          `**Complete.** The user is gone${receipt.leftOver?.length ? ', but not all of what they had' : ', with everything listed here'}.`,
        ]
      : incomplete(receipt)),
    ...overridden(receipt.run),
    ...partial(receipt.run),
    summary(receipt),
    ...(complete ? [] : [tasks('What remains to be done', receipt.remaining)]),
    ...(receipt.leftOver?.length
      ? [tasks('What is left over, to be removed by hand', receipt.leftOver)]
      : []),
    ...unseen(receipt),
    '## What existed',
    existed(receipt.existed),
    ...documents(receipt.existed),
    '## What was done',
    steps(receipt.steps),
    '## What remains outside IAM',
    outside(receipt),
  ].join('\n\n')}\n`;
}

/** Whether the person still has access, and what to do: another run does not help if it fails in the same way. */
function incomplete({ remaining, steps: all, outside: { deniedAt, deniedBefore } }: Receipt): string[] {
  const unknown = all.some(({ purpose, status }) => purpose === 'deny-everything' && status === 'unknown');
  const access =
    deniedAt !== null || deniedBefore !== undefined
      ? ''
      : ` **The user ${unknown ? 'may still have' : 'still has'} access**: ${unknown ? 'whether everything is denied is not known' : 'everything was to be denied first, and that was not done'}.`;
  const left = `${plural(remaining.length, 'step')} ${remaining.length === 1 ? 'remains' : 'remain'}`;
  const hints = all.flatMap(({ operation, hint }) =>
    hint === undefined ? [] : [`- ${operation}: ${codeSpan(hint)}`],
  );
  return hints.length === 0
    ? [`**Not complete.** ${left}: run \`rollcall apply\` again.${access}`]
    : [`**Not complete.** ${left}.${access} Before \`rollcall apply\` is run again:`, hints.join('\n')];
}

function overridden({ overridden: rails = [] }: Receipt['run']): string[] {
  if (rails.length === 0) return [];
  const items = rails.map(({ rail, message }) => `- ${codeSpan(rail)}: ${codeSpan(message)}`);
  return [
    `**Overridden rails: without --override the plan would have been refused.**\n\n${items.join('\n')}`,
  ];
}

const partial = ({ targets }: Receipt['run']): string[] =>
  targets
    ? [`The run applied only a part of the manifests (--target): ${targets.map(codeSpan).join(', ')}.`]
    : [];

/** A bar ends a cell of a table, even in a code span (GitHub Flavored Markdown, "Tables"). */
const cell = (text: string): string => codeSpan(text).replaceAll('|', String.raw`\|`);

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');

function summary({ user, account, partition, run, earlier, existed: had }: Receipt): string {
  const { git, hash } = run.manifests;
  const dirty = git?.dirty ? ', with changes that were in no commit' : '';
  return table(
    ['', ''],
    [
      ['User', cell(user.name)],
      ['User id', cell(user.id)],
      ['ARN', cell(user.arn)],
      ['Created', cell(user.createdAt)],
      ['Tags', list(Object.entries(had.tags).map(([key, value]) => `${key} = ${value}`))],
      ['Account', `${cell(account)} (${cell(partition)})`],
      ['Run by', cell(run.by)],
      ['Started', cell(run.startedAt)],
      [
        'Ended',
        run.endedAt === null ? 'the run was killed: its last steps may not be told' : cell(run.endedAt),
      ],
      ['Manifests', git ? `commit ${cell(git.commit)}${dirty}` : 'in no git checkout'],
      ['Hash of the manifests', cell(hash)],
      ['rollcall', cell(run.rollcall)],
      ...(earlier.length > 0 ? [['Earlier receipts, not complete', list(earlier)]] : []),
    ],
  );
}

const list = (items: readonly string[]): string => items.map(cell).join(', ') || 'none';

function tasks(title: string, list: readonly Task[]): string {
  const items = list.map(
    ({ operation, target, sets }) =>
      `- ${operation}: ${codeSpan(target)}${sets ? `, ${codeSpan(sets)}` : ''}`,
  );
  return [`## ${title}`, items.join('\n')].join('\n\n');
}

/** A read that IAM refused has seen nothing. */
function unseen({ steps: all, complete }: Receipt): string[] {
  const looks = all.filter(({ purpose, status }) => purpose === 'check-credentials' && status === 'refused');
  if (looks.length === 0) return [];
  const end = complete ? ' IAM deletes no user who has any, and it deleted this one.' : '';
  return [
    '## What was not looked at again',
    `IAM refused these looks, so whether any was made between the plan and the deny was not seen.${end}`,
    looks.map(({ operation, target }) => `- ${operation}: ${codeSpan(target)}`).join('\n'),
  ];
}

function existed(had: Existed): string {
  const aged = ({ createdAt, ageDays }: { createdAt: string; ageDays: number }): string =>
    `made ${createdAt}, ${plural(ageDays, 'day')} old`;
  const row = (what: string, items: readonly string[]): string[] => [what, items.join('<br>') || 'none'];
  return table(
    ['What', 'Which'],
    [
      row(
        'Access keys',
        had.accessKeys.map((key) => `${cell(key.id)} ${cell(key.status)}, ${aged(key)}`),
      ),
      row('Console password', had.loginProfile ? [aged(had.loginProfile)] : []),
      row(
        'MFA devices',
        had.mfaDevices.map(({ serial, type }) => `${cell(serial)} (${type})`),
      ),
      row(
        'SSH public keys',
        had.sshKeys.map(({ id, status }) => `${cell(id)} ${cell(status)}`),
      ),
      row(
        'Signing certificates',
        had.signingCertificates.map(({ id, status }) => `${cell(id)} ${cell(status)}`),
      ),
      row(
        'Service-specific credentials',
        had.serviceCredentials.map(
          ({ id, service, status }) => `${cell(id)} ${cell(status)}, ${cell(service)}`,
        ),
      ),
      row('Groups', had.groups.map(cell)),
      row('Attached policies', had.attached.map(cell)),
      row('Permissions boundary', had.boundary === null ? [] : [cell(had.boundary)]),
      row('Inline policies', Object.keys(had.policies).map(cell)),
    ],
  );
}

function documents(had: Existed): string[] {
  return Object.entries(had.policies).map(
    ([name, document]) =>
      `Inline policy ${codeSpan(name)}:\n\n${codeBlock(JSON.stringify(document, null, 2).split('\n'), 'json')}`,
  );
}

function steps(all: readonly ReceiptStep[]): string {
  return table(
    ['', 'Time', 'Call', 'Target', 'Status', 'AWS request id'],
    all.map(({ at, operation, target, sets, status, requestId, message }, index) => [
      String(index + 1),
      cell(at),
      operation,
      `${cell(target)}${sets ? `: ${cell(sets)}` : ''}`,
      `${status === 'done' ? status : `**${status}**`}${message ? `: ${cell(message)}` : ''}`,
      requestId === undefined ? '' : cell(requestId),
    ]),
  );
}

const trustWords: { readonly [how in Trust['how']]: string } = {
  user: 'names the user.',
  condition:
    'names the user in a condition. If that is by name or ARN, a new user of the same name would be let in: remove it.',
  anyone: 'trusts every principal.',
  account: 'through the account: trusts all its users whose own policies allow it.',
};

function denied({ deniedAt, deniedBefore }: Outside, all: readonly ReceiptStep[]): string {
  if (deniedAt !== null) {
    return (
      `Everything was denied to the user since ${deniedAt}; IAM may take some minutes until that holds everywhere. ` +
      'Sessions from before:'
    );
  }
  if (deniedBefore !== undefined) {
    return (
      `Everything was denied to the user already when this run began (${deniedBefore}), so it made no call for that; ` +
      'since when is not known here. Sessions from before:'
    );
  }
  return all.some(({ purpose, status }) => purpose === 'deny-everything' && status === 'unknown')
    ? 'Whether everything was denied to the user is not known: new sessions can perhaps still be opened.'
    : 'The user was not denied: new sessions can still be opened.';
}

const entryWords = ({ entry, unreachable }: NamedIn, complete: boolean): string => {
  const nobody = unreachable ? ' **Nobody may assume the role now**: the user was the only one.' : '';
  if (entry === 'taken-out') return `the user was taken out of it.${nobody}`;
  if (entry === 'not-taken-out')
    return '**the user was to be taken out of it, which is not known to be done.**';
  return complete
    ? 'left as it is, as no plan writes it: AWS shows the id of the user there, which lets in nobody. Take it out by hand.'
    : 'left as it is, as no plan writes it: it still names the user.';
};

const untilWords = ({ sessionsUntil, sessionsRevoked }: Trust): string => {
  if (sessionsRevoked !== undefined) return ` Sessions from before ${sessionsRevoked} were ended.`;
  if (sessionsUntil === undefined) return '';
  return sessionsUntil === null
    ? ' Sessions can still be opened.'
    : ` **Sessions opened before may work until ${sessionsUntil}.**`;
};

function assumed({ outside: { assumable } }: Receipt): string[] {
  if (!assumable) return [];
  const items = assumable.map(
    ({ role, through, certain }) =>
      `- Role ${codeSpan(role)}${through.length > 0 ? `, through ${through.map(codeSpan).join(', then ')}` : ''}${certain ? '' : '; conditions or policies that were not read may have kept the user out'}`,
  );
  return ['### Roles that the user could assume', items.join('\n') || 'None in this account.'];
}

/** Earlier receipts do not tell what became of the trusts that name the user. */
function named({ complete, outside: { namedIn } }: Receipt): string[] {
  if (!namedIn) return [];
  const items = namedIn.map((one) => `- Role ${codeSpan(one.role)}: ${entryWords(one, complete)}`);
  return ['### Trust policies that named the user', items.join('\n') || 'None in this account.'];
}

function outside(receipt: Receipt): string {
  const { outside: rest, steps: all } = receipt;
  const { trustedBy, sessions, notVisible } = rest;
  const roles = trustedBy.map(
    (trust) =>
      `- Role ${codeSpan(trust.role)} ${trustWords[trust.how]}${trust.conditional ? ' Its conditions may narrow that.' : ''}${untilWords(trust)}`,
  );
  return [
    ...assumed(receipt),
    '### Roles whose trust policy let the user in',
    roles.join('\n') || 'None in this account.',
    ...named(receipt),
    '### Sessions',
    denied(rest, all),
    table(
      ['Sessions', 'Expire at the latest', 'Until then'],
      sessions.map(({ about, expiresAt, usable }) => [
        about,
        expiresAt ?? 'not known',
        usable ? '**they may still work**' : 'they open nothing: the user is denied or gone',
      ]),
    ),
    '### Not visible to rollcall',
    notVisible.map((text) => `- ${text}`).join('\n'),
  ].join('\n\n');
}
