import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { isPlanCall } from '../../src/aws/commands.ts';
import type { Call } from '../../src/core/operations.ts';
import { describe as tell } from '../../src/aws/errors.ts';
import { applyOperations } from '../../src/aws/permissions.ts';
import type { Remedy } from '../../src/core/errors.ts';

/** Every error that IAM declares for what a plan may call has an answer to "what now?". */

const declarations = join(
  dirname(createRequire(import.meta.url).resolve('@aws-sdk/client-iam')),
  '../dist-types/commands',
);
const declared = new Set(
  applyOperations
    .filter((op) => isPlanCall({ op } as Call))
    .flatMap((op) =>
      [
        ...readFileSync(join(declarations, `${op}Command.d.ts`), 'utf8').matchAll(/@throws \{@link (\w+)\}/g),
      ].map(([, name]) => name!),
    ),
);
declared.delete('IAMServiceException');

const expected: { readonly [name: string]: Remedy } = {
  ConcurrentModificationException: 'again',
  DeleteConflictException: 'plan',
  EntityAlreadyExistsException: 'plan',
  EntityTemporarilyUnmodifiableException: 'again',
  InvalidInputException: 'mend',
  LimitExceededException: 'mend',
  MalformedPolicyDocumentException: 'mend',
  NoSuchEntityException: 'plan',
  OpenIdIdpCommunicationErrorException: 'again',
  PasswordPolicyViolationException: 'mend',
  PolicyNotAttachableException: 'mend',
  ServiceFailureException: 'again',
  ServiceNotSupportedException: 'mend',
  UnmodifiableEntityException: 'mend',
};

test('the SDK declares no error that is not judged here', () => {
  expect([...declared].sort()).toEqual(Object.keys(expected));
});

const failure = (name: string, message: string, status = 400): Error =>
  Object.assign(new Error(message), {
    name,
    $fault: status < 500 ? 'client' : 'server',
    $metadata: { httpStatusCode: status },
  });

test.each([
  ...Object.entries(expected),
  ...([
    ['AccessDenied', 'mend'],
    ['ValidationError', 'mend'],
    ['NotSupportedService', 'mend'],
    ['OptInRequired', 'mend'],
    ['SomethingNew', 'mend'],
    ['Throttling', 'again'],
    ['ExpiredToken', 'mend'],
  ] as const),
])('%s: %s', (name, remedy) => {
  const told = tell(failure(name, 'No.', name.startsWith('ServiceFailure') ? 500 : 400), 'PutUserPolicy');
  expect(told.remedy).toBe(remedy);
  expect(told.hint).toMatch(/\w{3}/);
  // Nobody is sent round in a circle.
  expect(remedy === 'again' || !/run (?:apply )?again/i.test(told.hint ?? '')).toBe(true);
});

test.each(['ValidationError', 'InvalidInputException'])(
  'nobody is sent to the manifests for what no file says: %s of a call that reads',
  (name) => {
    expect(tell(failure(name, 'Invalid Marker.'), 'GetAccountAuthorizationDetails')).toMatchObject({
      remedy: 'again',
      hint: 'check that --endpoint-url is an IAM, and run again',
    });
    expect(tell(failure(name, 'No.'), 'CreateUser').hint).toContain('manifests');
  },
);

test('a policy of AWS that there is not is a name to be corrected, whoever else is missing', () => {
  const PolicyArn = 'arn:aws:iam::aws:policy/ReadOnlyAcess';
  const input = { UserName: 'lorax', PolicyArn };
  const absent = failure(
    'NoSuchEntityException',
    `Policy ${PolicyArn} does not exist or is not attachable.`,
    404,
  );
  expect(tell(absent, 'AttachUserPolicy', input)).toMatchObject({
    remedy: 'mend',
    hint: `AWS has no policy ${PolicyArn} in this partition: correct its name in the manifests`,
  });
  const gone = failure('NoSuchEntityException', 'The user with name lorax cannot be found.', 404);
  expect(tell(gone, 'AttachUserPolicy', input).remedy).toBe('plan');
});

test.each([
  [
    'because no identity-based policy allows the iam:TagUser action',
    'allow iam:TagUser to this caller (docs/permissions.md lists what each command needs)',
  ],
  [
    'with an explicit deny in a service control policy',
    'a Deny in a service control policy blocks iam:TagUser for this caller, whatever else allows it: remove it there',
  ],
  [
    'with an explicit deny in an identity-based policy',
    'a Deny in an identity-based policy blocks iam:TagUser for this caller, whatever else allows it: remove it there',
  ],
  [
    'with an explicit deny',
    'a Deny blocks iam:TagUser for this caller, whatever else allows it: remove it there',
  ],
])('access denied %s', (reason, hint) => {
  const message = `User: arn:aws:iam::123456789012:user/ci is not authorized to perform: iam:TagUser on resource: user lorax ${reason}`;
  expect(tell(failure('AccessDenied', message, 403), 'TagUser').hint).toBe(hint);
});
