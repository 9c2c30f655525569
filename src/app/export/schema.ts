import * as t from '@sinclair/typebox/type';
import type { Static } from '@sinclair/typebox/type';
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

/** What `export` writes: the account in the form in which plans know it (core/state.ts), as JSON, and no secret. */

const instant = (description: string) => t.String({ description, format: 'date-time' });

const identity = {
  name: text('Its name.'),
  path: text('Its path.'),
  policies: map(anyObject(), { description: 'Inline policies: name → document, as it was written.' }),
  attachedPolicyArns: texts('ARNs of attached managed policies.'),
  arn: text('Its ARN.'),
};
const made = {
  id: text('Its unique id, never given again, unlike the name.'),
  createdAt: instant('When it was made.'),
};
const tags = map(t.String(), { description: 'Tags: key → value.' });
const boundary = orNull(t.String(), { description: 'ARN of the permissions boundary.' });
const withStatus = object({ id: text('Its id.'), status: text('`Active` or `Inactive`.') });

const credentials = object(
  {
    accessKeys: list(
      object({
        id: text('The key id. It is no secret.'),
        status: oneOf(['Active', 'Inactive', 'Expired'], { description: 'Whether it works.' }),
        createdAt: instant('When it was made.'),
        lastUsedAt: t.Optional(
          orNull(t.String({ format: 'date-time' }), {
            description: 'Of users who were named: when it was last used; null: never.',
          }),
        ),
      }),
      { description: 'Access keys.' },
    ),
    loginProfile: orNull(object({ createdAt: instant('When it was made.') }), {
      description: 'Console password; null: there is none.',
    }),
    mfaDevices: t.Optional(texts('Serial numbers or ARNs of MFA devices.')),
    signingCertificates: t.Optional(list(withStatus, { description: 'X.509 signing certificates.' })),
    sshKeys: t.Optional(list(withStatus, { description: 'SSH public keys.' })),
    serviceCredentials: t.Optional(
      list(
        object({
          id: text('Its id.'),
          service: text('The service that it opens.'),
          status: text('`Active`, `Inactive` or `Expired`.'),
        }),
        { description: 'Credentials for one service only.' },
      ),
    ),
  },
  {
    description:
      'With what the user can sign in or call AWS, never a secret. Everything of users who were named; of a whole account keys and password alone.',
  },
);

const user = object({
  ...identity,
  ...made,
  tags,
  groups: texts('Names of the groups that the user is in.'),
  boundary,
  credentials: reference('credentials', credentials, {
    description: 'With what the user can sign in or call AWS.',
  }),
});

const group = object({ ...identity, ...made, members: texts('Names of its users.') });

const policy = object({
  name: identity.name,
  path: identity.path,
  arn: identity.arn,
  ...made,
  description: t.Optional(text('As it was given when the policy was made.')),
  tags,
  document: anyObject({ description: 'The document in force.' }),
  versions: list(
    object({
      id: text('`v1`, `v2`, ….'),
      isDefault: t.Boolean({ description: 'It is in force.' }),
      createdAt: instant('When it was made.'),
    }),
    { description: 'Its versions, the oldest first.' },
  ),
});

const role = object({
  ...identity,
  boundary,
  trust: anyObject({ description: 'Who may take it.' }),
});

const oidcProvider = object({
  name: text('Its URL without `https://`.'),
  audiences: texts('Client ids: for whom its tokens must be.'),
  thumbprints: texts('SHA-1 of certificates that may sign for its host.'),
  tags,
  arn: identity.arn,
  createdAt: made.createdAt,
});

const instanceProfile = object({
  name: identity.name,
  path: identity.path,
  role: orNull(t.String(), {
    description: 'Name of the role that it hands to instances; null: it has none.',
  }),
  tags: t.Optional(tags),
  arn: identity.arn,
  ...made,
});

const samlProvider = object({
  name: identity.name,
  metadata: text('The metadata of the identity provider: XML, as it was given.'),
  tags,
  arn: identity.arn,
  id: t.Optional(made.id),
  createdAt: made.createdAt,
  validUntil: t.Optional(instant('When its metadata end.')),
});

const objects = <S extends Parameters<typeof reference>[1]>(name: string, schema: S, description: string) =>
  t.Optional(map(reference(name, schema), { description }));

export const exportSchema = withDefs(
  object(
    {
      version: constant(1, { description: 'Version of this form.' }),
      account: text('The AWS account: twelve digits.', { pattern: '^\\d{12}$' }),
      partition: text('The AWS partition of the account.'),
      reportedAt: t.Optional(
        orNull(t.String({ format: 'date-time' }), {
          description:
            'Of a whole account: when IAM made the credential report that tells which users may have keys or a password, and are asked about them; null: it does not say.',
        }),
      ),
      users: objects('user', user, 'Users by name.'),
      groups: objects('group', group, 'Groups by name.'),
      policies: objects('policy', policy, 'Customer managed policies by name.'),
      roles: objects('role', role, 'Roles by name, service-linked ones too.'),
      instanceProfiles: objects('instanceProfile', instanceProfile, 'Instance profiles by name.'),
      identityProviders: t.Optional(
        object(
          {
            oidc: objects('oidcProvider', oidcProvider, 'OIDC providers by URL.'),
            saml: objects('samlProvider', samlProvider, 'SAML providers by name.'),
          },
          { description: 'Who outside of AWS vouches for people and programs.' },
        ),
      ),
      settings: t.Optional(
        map(orNull(anyObject()), {
          description:
            'What an account has one of: `alias`, `passwordPolicy`; null: it has none. Of a whole account only.',
        }),
      ),
    },
    {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      $id: 'export.schema.json',
      title: 'rollcall export',
      description:
        'An AWS account, or some objects of it, as `rollcall export` reads them: the live side of a plan. It holds no secret.',
    },
  ),
  { credentials, user, group, policy, role, instanceProfile, oidcProvider, samlProvider },
);
export type Exported = Static<typeof exportSchema>;
