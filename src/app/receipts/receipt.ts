import { commitPattern } from '../../core/commit.ts';
import * as t from '@sinclair/typebox/type';
import type { Static, TOptional, TProperties } from '@sinclair/typebox/type';
import type { Purpose } from '../../core/plan.ts';
import type { RailName } from '../../core/rails.ts';
import {
  anyObject,
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
} from '../../core/schema.ts';

/**
 * The format of receipts, from which schemas/receipt.schema.json and the types are made. Receipts are for people who
 * were not there, and contain no secret.
 */

/** The version of receipts that is written. */
export const receiptVersion = 2;

const flag = (description: string) => t.Boolean({ description });

const instantSchema = t.String({
  description: 'An instant in UTC (RFC 3339).',
  pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d+)?Z$',
});
const instant = (description: string) => reference('instant', instantSchema, { description });
const noInstant = (description: string) => orNull(reference('instant', instantSchema), { description });

const user = object(
  {
    name: text('Name of the user. Names can be given again.', {
      minLength: 1,
      maxLength: 64,
      pattern: '^[\\w+=,.@-]+$',
    }),
    id: text('Unique id of the user (AIDA…). IAM never gives it again.', {
      pattern: '^\\w+$',
      minLength: 16,
      maxLength: 128,
    }),
    arn: text('ARN of the user.'),
    path: text('Path of the user.'),
    createdAt: instant('When the user was made.'),
  },
  { description: 'Who left.' },
);

const overridden = object({
  rail: t.Unsafe<RailName>(text('Name of the rail, as --override takes it.', { pattern: '^[a-z-]+$' })),
  message: text('What it would have stopped.'),
});

const commit = object(
  {
    commit: text('The commit that was checked out.', { pattern: commitPattern }),
    dirty: flag('The directory of the manifests held changes that were in no commit.'),
  },
  { description: 'Absent where the manifests are in no git checkout.' },
);
export type Commit = Static<typeof commit>;

const run = object(
  {
    by: text('ARN of the caller, as sts:GetCallerIdentity told it.'),
    startedAt: instant('When the run began.'),
    endedAt: noInstant(
      'When the last step of this offboarding ended. Null: the run was killed before; its last step may have had an effect that is not told here.',
    ),
    rollcall: text('Version of rollcall.'),
    overridden: t.Optional(
      list(overridden, {
        description:
          'Rails that would have stopped the plan and were overridden. Absent in receipts of earlier versions.',
      }),
    ),
    targets: t.Optional(
      list(t.String(), {
        description:
          'Set where the run applied only a part of the manifests (`--target`): the objects to which it kept, such as `user:lorax`, with what they depend on. Earlier versions never wrote it.',
      }),
    ),
    manifests: object(
      {
        hash: text('SHA-256 over the names and bytes of all manifests, in hexadecimal.', {
          pattern: '^[0-9a-f]*$',
        }),
        git: t.Optional(commit),
      },
      { description: 'The manifests that the run applied.' },
    ),
  },
  { description: 'Who ran it, when, and from what.' },
);

const credential = object({ id: text('Its id.'), status: text('Active or Inactive.') });
const ageDays = t.Integer({ description: 'Full days from then to the beginning of the run.', minimum: 0 });

const mfaType = oneOf(['virtual', 'passkey', 'hardware'], {
  description: 'virtual: an authenticator app. passkey: a passkey or security key. hardware: a token.',
});
export type MfaType = Static<typeof mfaType>;

const accessKey = object({
  id: text('Access key id. It is no secret.'),
  status: oneOf(['Active', 'Inactive', 'Expired'], { description: 'Whether it worked.' }),
  createdAt: instant('When it was made.'),
  ageDays,
});

const serviceCredential = object({
  id: text('Its id.'),
  service: text('The service that it opens, such as codecommit.amazonaws.com.'),
  status: text('Active, Inactive or Expired.'),
});

const existed = object(
  {
    accessKeys: list(accessKey, { description: 'Access keys.' }),
    loginProfile: orNull(object({ createdAt: instant('When it was made.'), ageDays }), {
      description: 'Console password; null: there was none.',
    }),
    mfaDevices: list(object({ serial: text('Serial number, or ARN.'), type: mfaType }), {
      description: 'MFA devices.',
    }),
    signingCertificates: list(reference('credential', credential), {
      description: 'X.509 signing certificates.',
    }),
    sshKeys: list(reference('credential', credential), { description: 'SSH public keys, for CodeCommit.' }),
    serviceCredentials: list(serviceCredential, {
      description: 'Service-specific credentials: user names and passwords, or API keys, for one service.',
    }),
    groups: texts('Names of groups that the user was in.'),
    policies: map(anyObject(), {
      description: 'Inline policies: name → document, as it was written.',
    }),
    attached: texts('ARNs of attached managed policies.'),
    boundary: orNull(t.String(), { description: 'ARN of the permissions boundary.' }),
    tags: map(t.String(), { description: 'Tags: key → value.' }),
  },
  { description: 'What the user had when the run began.' },
);
/** What the user had when the run began. */
export type Existed = Static<typeof existed>;

const task = object({
  operation: text('Operation of the IAM API.'),
  target: text('What it is to be done to.'),
  sets: t.Optional(text('The status that it gives to the target.')),
});
export type Task = Static<typeof task>;
const tasks = (description: string) => list(reference('task', task), { description });

type Version = 1 | typeof receiptVersion;

/** Fields that version 2 added; in version 1 they are unknown. */
const since2 = <P extends TProperties>(version: Version, fields: P) =>
  (version === 1 ? {} : fields) as { [K in keyof P]: TOptional<P[K]> };

const trustOf = (version: Version) =>
  object({
    role: text('Name of the role.'),
    arn: text('ARN of the role.'),
    how: oneOf(['user', 'condition', 'account', 'anyone'], {
      description:
        'How it lets the user in. user: the trust policy names the user. condition: it trusts more, and names the user in a condition. account: it trusts the whole account, so that the policies of its users decide. anyone: it trusts every principal.',
    }),
    conditional: flag('The statement has conditions, which rollcall does not evaluate.'),
    ...since2(version, {
      sessionsUntil: t.Optional(
        noInstant(
          "The last instant at which a session of the role that the user opened may expire: the role's longest session (12 hours where it was not read) after the deny. Null: more could still be opened. Absent in earlier receipts.",
        ),
      ),
      sessionsRevoked: t.Optional(
        instant('Set where the run ended all sessions of the role that had begun by then, the user’s too.'),
      ),
    }),
  });
/** A role that the user could assume, as far as its trust policy goes. */
export type Trust = Static<ReturnType<typeof trustOf>>;

const assumable = object({
  role: text('Name of the role.'),
  arn: text('ARN of the role.'),
  through: texts('Names of the roles that had to be assumed before, the first of them first.'),
  certain: flag('False: conditions, or policies that were not read, may have kept the user out.'),
});
/** A role that the user could assume, by trusts and policies, perhaps through others. */
export type Assumable = Static<typeof assumable>;

const namedIn = object({
  role: text('Name of the role.'),
  arn: text('ARN of the role.'),
  entry: oneOf(['taken-out', 'not-taken-out', 'left'], {
    description:
      'taken-out: the run wrote the trust without the user, or the role is gone. not-taken-out: it was to be, and is not known to be done. left: no step was to do it, as rollcall does not manage the role; once the user is gone AWS shows their id there, which lets in nobody.',
  }),
  unreachable: flag('The user was the only one whom it let in: it is to let in nobody now.'),
});
/** A role whose trust policy named the user. */
export type NamedIn = Static<typeof namedIn>;

const session = object({
  kind: oneOf(['user-token', 'console', 'role', 'chained-role'], {
    description:
      "user-token: GetSessionToken, GetFederationToken. console: the user signed in. role: AssumeRole. chained-role: AssumeRole from a role's session.",
  }),
  expiresAt: noInstant('The last instant at which one may expire. Null: more could still be made.'),
  usable: flag('Whether it can still open anything until then.'),
  about: text('In words.'),
});
/** Temporary credentials that may have been made before the user was denied. */
export type Session = Static<typeof session>;

const stepOf = (version: Version) =>
  object({
    ...since2(version, {
      purpose: t.Unsafe<Purpose>(
        text('What it was for, as in plans (plan.schema.json): deny-everything, lift-deny, delete, …'),
      ),
    }),
    operation: text('Operation of the IAM API, as CloudTrail names it.'),
    target: text('What it was done to.'),
    sets: t.Optional(text('The status that it gives to the target.')),
    write: flag('False: a look that makes sure that nothing changed meanwhile.'),
    status: oneOf(['done', 'failed', 'refused', 'skipped', 'unknown'], {
      description:
        'What became of it. refused: IAM said no, and the offboarding went on without it. unknown: nobody knows whether it had its effect, since no answer came or the run was killed.',
    }),
    requestId: t.Optional(
      text("AWS's id of the request, as in CloudTrail. Absent where the call was not made or not answered."),
    ),
    at: instant('When it ended, or was given up.'),
    message: t.Optional(text('Why it failed or was skipped, or that the target was gone already.')),
    ...since2(version, {
      hint: t.Optional(text('Of a step that failed: what to do before another run, which would fail alike.')),
    }),
  });
export type ReceiptStep = Static<ReturnType<typeof stepOf>>;

const outsideOf = (version: Version) =>
  object(
    {
      trustedBy: list(trustOf(version), {
        description: 'Roles of the account whose trust policy let the user in.',
      }),
      deniedAt: noInstant(
        'When the call ended that denied everything to the user. Null: no call of this run is known to have done so; see `deniedBefore` and the step of the purpose deny-everything.',
      ),
      ...since2(version, {
        assumable: t.Optional(
          list(assumable, {
            description:
              'Roles of the account that the user could assume when the run began, by their trusts and the policies of the user, directly or through other roles. Absent in earlier receipts.',
          }),
        ),
        namedIn: t.Optional(
          list(namedIn, {
            description:
              'Roles whose trust policy named the user as a principal, whatever for, and what became of that. Absent in earlier receipts.',
          }),
        ),
        deniedBefore: t.Optional(
          instant(
            'Set where the run needed no call for it: by then it had read that everything was denied already. Since when it does not tell.',
          ),
        ),
      }),
      sessions: list(session, {
        description: 'Temporary credentials that may have been made before the deny.',
      }),
      notVisible: texts('What rollcall cannot see, in words.'),
    },
    { description: 'What taking a user from IAM does not take away.' },
  );
/** What deleting a user does not take away. */
export type Outside = Static<ReturnType<typeof outsideOf>>;

const receiptOf = (version: Version) =>
  withDefs(
    object(
      {
        version: constant(version, {
          description:
            'Version of the receipt format. Receipts of version 1 are still read: they have no `purpose`, `hint`, `leftOver`, `namedIn`, `deniedBefore` and sessions of roles, and where the deny was there already, `deniedAt` is the beginning of the run.',
        }),
        account: text('The AWS account: twelve digits.', { pattern: '^[0-9]{12}$' }),
        partition: text('Partition of AWS, as in ARNs: aws, aws-cn, aws-us-gov.', {
          pattern: '^aws[a-z-]*$',
        }),
        user,
        complete: flag('The user is gone. False: the offboarding stopped half-way, see `remaining`.'),
        earlier: list(t.String({ minLength: 1 }), {
          description:
            'File names of earlier receipts of the same user that were not complete, oldest first.',
        }),
        run,
        existed,
        steps: list(stepOf(version), { description: 'Every call of the offboarding, in order.' }),
        remaining: tasks('What was to be done and was not. The next run looks again and does it.'),
        ...since2(version, {
          leftOver: tasks(
            'What IAM refused to remove and no later run will see, such as a virtual MFA device that nobody has any more: to be removed by hand.',
          ),
        }),
        outside: outsideOf(version),
      },
      {
        $schema: 'https://json-schema.org/draft/2020-12/schema',
        $id: 'receipt.schema.json',
        title: 'rollcall receipt',
        description:
          'What was done to one IAM user who left an AWS account: what existed, each call that removed it, and what remains outside IAM. Holds no secret.',
      },
    ),
    { instant: instantSchema, credential, task },
  );

export const receiptSchema = receiptOf(receiptVersion);
/**
 * The format of version 1. It had no purposes, and a deny that existed before was recorded as if the run had made it
 * when it began.
 */
export const receiptSchema1 = receiptOf(1);
/** What was done to one person who left. */
export type Receipt = Static<ReturnType<typeof receiptOf>>;
