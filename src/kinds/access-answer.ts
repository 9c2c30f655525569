import * as t from '@sinclair/typebox/type';
import type { Static } from '@sinclair/typebox/type';
import {
  constant,
  list,
  map,
  object,
  oneOf,
  orNull,
  reference,
  text,
  texts,
  withDefs,
} from '../core/schema.ts';
import type { About } from '../core/desired.ts';
import type { Json } from '../core/json.ts';
import type { Brief } from '../policy/index.ts';

/** The forms of what `who-can` and `explain` answer, from which the published schemas and the types are made. */

const request = object(
  {
    action: text('The action, or a pattern of actions.'),
    resource: text('The ARN of a resource, or a pattern of them; `*`: any.'),
    context: map(list(t.String()), {
      description: 'What is known of the request: condition keys and their values.',
    }),
  },
  { description: 'What is asked about.' },
);
export type AccessRequest = Static<typeof request>;

const places = object(
  {
    policy: t.Optional(text('Where the policy itself is declared.')),
    attached: t.Optional(text('Where it is attached, or is named as the boundary.')),
    member: t.Optional(text('Where the membership in the group is declared.')),
  },
  {
    description:
      'Where the files say the same, as `file:line:column`. What they do not declare, or not with the same meaning, has no place.',
  },
);
export type Places = Static<typeof places>;

const condition = object({
  operator: text('Such as `IpAddress`.'),
  key: text('Such as `aws:SourceIp`.'),
  values: orNull(list(t.String()), { description: 'Null: they are no plain texts; see the statement.' }),
});

const statement = object(
  {
    effect: orNull(oneOf(['Allow', 'Deny']), { description: 'Null: it cannot be read.' }),
    sid: t.Optional(text('Its `Sid`.')),
    index: orNull(t.Number(), {
      description:
        'Its place among the statements of its document, from 0. Null: what the document has beside them.',
    }),
    grant: t.Unsafe<Brief>({
      description: 'Its actions, resources and conditions, as far as a sentence takes them.',
    }),
    inline: t.Optional(text('Name of the inline policy that it stands in.')),
    arn: t.Optional(text('ARN of the managed policy that it stands in.')),
    via: t.Optional(text('The group that the policy comes through.')),
    as: t.Optional(constant('boundary', { description: 'The policy is the permissions boundary.' })),
    at: reference('places', places, { description: 'Where the files say the same, as `file:line:column`.' }),
    conditions: t.Optional(
      list(reference('condition', condition), {
        description: 'What must hold that is not known to hold. Empty: it applies.',
      }),
    ),
    variables: t.Optional(
      texts('Policy variables that may have no value, and then AWS may drop the statement.'),
    ),
  },
  { description: 'A statement, the policy that it stands in, and how somebody comes to it.' },
);
export type AccessStatement = Static<typeof statement>;

const names = object({
  patterns: texts('Match one of these …'),
  except: texts('… and none of these.'),
});
export type AccessNames = Static<typeof names>;

const part = object(
  {
    actions: reference('names', names, { description: 'Of which actions: no more than it gives.' }),
    resources: reference('names', names, { description: 'On which resources.' }),
    allow: reference('statement', statement, { description: 'The statement that allows it.' }),
    within: orNull(reference('statement', statement), {
      description:
        'The statement of the permissions boundary that lets it through. Null: there is no boundary.',
    }),
    denies: list(reference('statement', statement), {
      description: 'Denies that take something out of it, or may.',
    }),
    certain: t.Boolean({ description: 'Some of it is allowed whatever is not known of the request.' }),
  },
  { description: 'What one Allow gives, within one statement of the boundary.' },
);
export type AccessPart = Static<typeof part>;

const decisions = ['allowed', 'conditional', 'partly', 'unknown', 'implicitDeny', 'explicitDeny'] as const;
const decision = oneOf(decisions, {
  description:
    '`allowed`: all of it, always. `conditional`: all of it, under conditions that are not known to hold. `partly`: some of it. `unknown`: a policy that decides it cannot be read, or it was not proved. `implicitDeny`: nothing of it is allowed. `explicitDeny`: a Deny takes all of it.',
});

const answerFields = {
  decision,
  parts: list(reference('part', part), { description: 'What of it is allowed, or may be.' }),
  denies: list(reference('statement', statement), {
    description: 'The Denies that take something of it, or may.',
  }),
  boundary: orNull(
    object({
      arn: text('ARN of the permissions boundary.'),
      takes: oneOf(['all', 'some', 'none'], { description: 'How much of what is asked lies within it.' }),
    }),
    { description: 'Null: there is none.' },
  ),
  withheld: list(reference('statement', statement), {
    description: 'Allows that are outside the boundary, or that Denies take.',
  }),
  unknown: list(reference('statement', statement), {
    description: 'Statements that cannot be read and may change the answer.',
  }),
};
const answer = object(answerFields);
export type AccessAnswer = Static<typeof answer>;

const from = oneOf(['live', 'files'], {
  description: '`live`: the account as it is. `files`: as the manifests would have it.',
});
const account = t.String({ pattern: '^\\d{12}$', description: 'The account.' });
const version = constant(1, { description: 'Version of this form.' });
const notes = texts('What the answer leaves out.');
const principal = text('Such as `user:ben` or `role:deploy`.');
const count = (description: string) => t.Number({ description });

const answerOf = object({ principal, ...answerFields });

const step = object(
  {
    role: text('The role that is assumed, such as `role:deploy`.'),
    by: oneOf(['name', 'account'], {
      description:
        '`name`: its trust names who assumes it, or everybody. `account`: it trusts their account, and their own policies let them.',
    }),
    certain: t.Boolean({ description: 'Nothing that is not known decides it.' }),
    conditions: list(reference('condition', condition), {
      description: 'What the trust asks for that is not known to hold.',
    }),
    allow: t.Optional(
      reference('statement', statement, { description: 'The statement of their own that lets them.' }),
    ),
  },
  { description: 'How somebody assumes a role.' },
);
export type AssumedRole = Static<typeof step>;
const steps = list(reference('step', step), { description: 'One role after another, the last one last.' });

const outsider = object(
  {
    type: text('`account`, `user`, `role`, `assumed-role`, `service`, `oidc`, `saml`, `anybody`, …'),
    name: text('Its account id, ARN, domain or issuer; empty: anybody.'),
  },
  { description: 'Who is no user or role of the account, as a trust names them.' },
);
export type AccessOutsider = Static<typeof outsider>;

const way = object({
  principal: t.Optional(text('Such as `user:ben`.')),
  outsider: t.Optional(reference('outsider', outsider)),
  steps,
  decision: reference('decision', decision, {
    description:
      'What the last of the roles may do of it: under conditions, if it is not certain that they come to it.',
  }),
  more: t.Optional(count('Through how many other roles they may do it.')),
});
export type RoleWay = Static<typeof way>;
const shared = { condition, names, part, places, statement };
const ofRoles = { step, outsider, decision };

/** What `who-can --json` writes. */
export const whoCanSchema = withDefs(
  object(
    {
      version,
      account,
      from,
      request,
      principals: list(reference('answer', answerOf), {
        description:
          'Everybody who may do it, or some of it, or of whom that is not known: users, then roles, by name.',
      }),
      others: object(
        {
          explicitDeny: texts('Those whom a Deny keeps from all of it.'),
          implicitDeny: count('How many there are to whom no policy allows it.'),
        },
        { description: 'Everybody else.' },
      ),
      throughRoles: list(reference('way', way), {
        description:
          'Who else may do it, by assuming roles that may: each by the best and shortest way. Users and roles of the account first, then others as trusts name them.',
      }),
      notes,
    },
    {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      $id: 'who-can.schema.json',
      title: 'rollcall who-can',
      description:
        'Who may do something, and through which policies, as `rollcall who-can --json` writes it.',
    },
  ),
  { ...shared, answer: answerOf, ...ofRoles, way },
);
export type WhoCan = Static<typeof whoCanSchema>;

const instant = (description: string) => text(`${description} ISO 8601.`);

const withStatus = object({ id: text('Its id.'), status: text('`Active` or `Inactive`.') });

const credentials = object(
  {
    accessKeys: list(
      object({
        id: text('Its id, which is no secret.'),
        status: text('`Active`, `Inactive` or `Expired`.'),
        createdAt: instant('When it was made.'),
        lastUsedAt: orNull(instant('When it was last used.'), {
          description: 'When it was last used, ISO 8601; null: never.',
        }),
      }),
      { description: 'Access keys.' },
    ),
    password: orNull(object({ createdAt: instant('When it was made.') }), {
      description: 'The console password. Null: there is none.',
    }),
    mfaDevices: texts('Serial numbers or ARNs of MFA devices.'),
    sshKeys: list(withStatus, { description: 'SSH public keys.' }),
    signingCertificates: list(withStatus, { description: 'Signing certificates.' }),
    serviceCredentials: list(
      object({
        id: text('Its id.'),
        service: text('The service that it is for.'),
        status: text('`Active`, `Inactive` or `Expired`.'),
      }),
      { description: 'Credentials for one service only.' },
    ),
  },
  { description: 'With what a user can sign in or call AWS; never a secret.' },
);
export type HeldCredentials = Static<typeof credentials>;

const service = object({
  service: text('Such as `s3`; `*`: of those that a pattern names.'),
  parts: list(reference('part', part), { description: 'What they may do of it.' }),
});

const expiry = object({
  what: text('Such as `membership of user "lorax" in group "admins"`.'),
  at: instant('The last instant at which it counts.'),
  expired: t.Boolean({ description: 'That is over.' }),
});

const declared = object(
  {
    accessKeys: count('How many access keys the files declare.'),
    console: t.Boolean({ description: 'Whether they declare a console password.' }),
  },
  { description: 'With `--files`: the credentials that the files declare.' },
);

const { decision: _decision, parts: _parts, ...besides } = answerFields;

/** What `explain --json` writes. */
export const explanationSchema = withDefs(
  object(
    {
      version,
      account,
      from,
      principal,
      request: reference('request', request, {
        description: 'What is asked about; everything, where there is no `decision`.',
      }),
      decision: t.Optional(
        reference('decision', decision, {
          description: 'What becomes of the request, where one is asked about.',
        }),
      ),
      parts: t.Optional(
        list(reference('part', part), { description: 'What of the request is allowed, or may be.' }),
      ),
      services: t.Optional(
        list(reference('service', service), {
          description: 'All that they may do, where no request is asked about, by service.',
        }),
      ),
      ...besides,
      suspended: t.Optional(constant(true, { description: 'Everything is denied to them for a while.' })),
      expires: list(reference('expiry', expiry), {
        description: 'What of them the files end by themselves.',
      }),
      about: t.Optional(
        t.Unsafe<About>(
          map(t.Unsafe<Json>({}), { description: 'What the files say of them for people, such as `owner`.' }),
        ),
      ),
      credentials: t.Optional(
        reference('credentials', credentials, {
          description: 'Of a user of the account: with what they can sign in or call AWS; never a secret.',
        }),
      ),
      declares: t.Optional(
        reference('declared', declared, {
          description: 'Of a user, with `--files`: the credentials that the files declare.',
        }),
      ),
      assumedBy: t.Optional(
        texts('Of a role: who may assume it, as its trust policy says; a sentence for each statement.'),
      ),
      assumers: t.Optional(
        list(
          object({
            principal: t.Optional(text('Such as `user:ben`.')),
            outsider: t.Optional(reference('outsider', outsider)),
            step: reference('step', step),
          }),
          {
            description:
              'Of a role: the users and roles of the account who may assume it, by trust and by policies, and others as the trust names them.',
          },
        ),
      ),
      throughRoles: list(
        object({
          steps,
          decision: t.Optional(
            reference('decision', decision, {
              description: 'What the last of the roles may do of the request, where one is asked about.',
            }),
          ),
        }),
        { description: 'Roles that they may assume, one after another; of a request, those that may do it.' },
      ),
      notes,
    },
    {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      $id: 'explanation.schema.json',
      title: 'rollcall explain',
      description:
        'What a user or role may do, or what becomes of one request of theirs, as `rollcall explain --json` writes it. It holds no secret.',
    },
  ),
  { ...shared, request, service, expiry, credentials, declared, ...ofRoles },
);
export type Explanation = Static<typeof explanationSchema>;

/** What an answer leaves out, before it has words. */
export interface Unread {
  /** Of reads that IAM refused. */
  readonly sentences: readonly string[];
  /** ARNs of AWS's policies of which only the name is known. */
  readonly byName: readonly string[];
  /** ARNs of policies that are attached and that no file declares. */
  readonly undeclared: readonly string[];
}
export type Unworded<T extends { readonly notes: readonly string[] }> = Omit<T, 'notes'> & {
  readonly unread: Unread;
};
