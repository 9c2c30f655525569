import { objectRef, partRef } from '../../core/references.ts';
import type { OidcProvider } from '../../core/state.ts';
import { expiredOn, makeChange } from '../change.ts';
import type { Context, Draft, Kind, StepDraft } from '../kind.ts';
import {
  makingOf,
  providerImpact,
  refuseIfTrusted,
  roleRefsTrusting,
  wiringOf,
  withoutPipeline,
} from '../providers.ts';
import { tagDrafts, tagFacts, tagList } from '../tags.ts';
import { about, of } from './about.ts';
import { live } from './live.ts';
import { readOidcProviders } from './manifest.ts';
import schema from './schema.json' with { type: 'json' };
import { oidcToManifest } from './to-manifest.ts';
import { oidcWords } from './words.ts';
import type { AudienceFact, OidcChange, ThumbprintFact } from './words.ts';

/** Those who sign tokens with which roles can be assumed from outside of AWS, such as GitHub Actions. */
export const oidcProviderKind = {
  ...about,
  optIn: true,
  schema,
  of,
  put: (state, oidcProviders) => ({ ...state, oidcProviders }),
  read: readOidcProviders,
  live,
  toManifest: oidcToManifest,
  calls: {
    AddClientIDToOpenIDConnectProvider: 'oidc-provider',
    CreateOpenIDConnectProvider: 'oidc-provider',
    DeleteOpenIDConnectProvider: 'oidc-provider',
    RemoveClientIDFromOpenIDConnectProvider: 'oidc-provider',
    TagOpenIDConnectProvider: 'oidc-provider',
    UntagOpenIDConnectProvider: 'oidc-provider',
    UpdateOpenIDConnectProviderThumbprint: 'oidc-provider',
  },
  reads: { GetOpenIDConnectProvider: 'oidc-provider', ListOpenIDConnectProviders: 'account' },
  rolesBy: roleRefsTrusting(about.name),
  drifted({ name }, fact, sides) {
    const { arn = '' } = of(sides.live).get(name) ?? {};
    if (fact.fact === 'audience') return providerImpact(sides, arn, fact.before ? 'widens' : 'narrows');
    return fact.fact === 'thumbprint'
      ? providerImpact(sides, arn, fact.before ? 'unclear' : 'narrows')
      : undefined;
  },
  words: oidcWords,
  sets: ['audiences', 'thumbprints'],
  ofCall({ openIDConnectProviderArn: arn, url }) {
    if (typeof arn === 'string') return /:oidc-provider\/(.+)$/.exec(arn)?.[1];
    return typeof url === 'string' ? url.replace(/^https:\/\//, '') : undefined;
  },
  rules: (before, after) =>
    (before.thumbprints === undefined) === (after.thumbprints === undefined)
      ? []
      : [
          {
            rule: 'thumbprints',
            part: ['thumbprints'],
            before: before.thumbprints !== undefined,
            after: after.thumbprints !== undefined,
            effect: after.thumbprints === undefined ? 'unclear' : 'narrows',
            toldBy: ['thumbprints'],
          },
        ],
  diff(desired, live, context) {
    const drafts = draftsOf(desired, live, context);
    const { arn = '' } = desired ?? live ?? {};
    return withoutPipeline(drafts, arn, desired !== undefined, context);
  },
} satisfies Kind<OidcProvider, OidcChange>;

function draftsOf(
  desired: OidcProvider | undefined,
  live: OidcProvider | undefined,
  context: Context,
): Draft<OidcChange>[] {
  if (!live) return desired ? [create(desired, context)] : [];
  return desired ? update(desired, live, context) : [remove(live, context)];
}

const refOf = ({ name }: OidcProvider): string => objectRef(about.name, name);

/** What of a list comes and goes. */
const moved = (before: readonly string[], after: readonly string[]): { come: string[]; go: string[] } => ({
  come: after.filter((one) => !before.includes(one)),
  go: before.filter((one) => !after.includes(one)),
});

const audienceFacts = (audiences: readonly string[], after: boolean): AudienceFact[] =>
  audiences.map((audience) => ({ fact: 'audience', audience, before: !after, after }));
const thumbprintFacts = (thumbprints: readonly string[], after: boolean): ThumbprintFact[] =>
  thumbprints.map((thumbprint) => ({ fact: 'thumbprint', thumbprint, before: !after, after }));

const snapshot = ({ audiences, thumbprints, tags }: OidcProvider) => ({
  audiences,
  ...(thumbprints ? { thumbprints } : {}),
  tags: { ...tags },
});

function create(provider: OidcProvider, context: Context): Draft<OidcChange> {
  const { name, audiences, thumbprints, tags, arn } = provider;
  const change = makeChange({
    kind: about.name,
    name,
    action: 'create',
    aspect: 'object',
    ...providerImpact(context, arn, 'widens'),
    facts: [
      ...audienceFacts(audiences, true),
      ...thumbprintFacts(thumbprints ?? [], true),
      ...tagFacts(tags),
    ],
    before: null,
    after: snapshot(provider),
  });
  const step: StepDraft = {
    op: 'CreateOpenIDConnectProvider',
    input: {
      Url: `https://${name}`,
      ClientIDList: [...audiences],
      ...(thumbprints ? { ThumbprintList: [...thumbprints] } : {}),
      ...(Object.keys(tags).length > 0 ? { Tags: tagList(tags) } : {}),
    },
    about: refOf(provider),
    purpose: 'create',
    creates: [refOf(provider)],
    ...makingOf(refOf(provider), context),
  };
  return { change, steps: [step] };
}

function remove(provider: OidcProvider, context: Context): Draft<OidcChange> {
  const { name, audiences, thumbprints = [], tags, arn } = provider;
  refuseIfTrusted(about.name, name, arn, context);
  const change = makeChange({
    kind: about.name,
    name,
    action: 'delete',
    aspect: 'object',
    ...expiredOn(refOf(provider), context),
    ...providerImpact(context, arn, 'narrows'),
    facts: [
      ...audienceFacts(audiences, false),
      ...thumbprintFacts(thumbprints, false),
      ...tagFacts(tags).map((fact) => ({ ...fact, before: fact.after, after: null })),
    ],
    before: snapshot(provider),
    after: null,
  });
  const step: StepDraft = {
    op: 'DeleteOpenIDConnectProvider',
    input: { OpenIDConnectProviderArn: arn },
    about: refOf(provider),
    purpose: 'delete',
    cls: 'cleanup',
    removes: [refOf(provider)],
  };
  return { change, steps: [step] };
}

function update(desired: OidcProvider, live: OidcProvider, context: Context): Draft<OidcChange>[] {
  const { name, arn } = live;
  return [
    ...changeAudiences(desired, live, context),
    ...changeThumbprints(desired, live, context),
    ...tagDrafts(
      { kind: about.name, name },
      {
        tag: (Tags) => ({ op: 'TagOpenIDConnectProvider', input: { OpenIDConnectProviderArn: arn, Tags } }),
        untag: (TagKeys) => ({
          op: 'UntagOpenIDConnectProvider',
          input: { OpenIDConnectProviderArn: arn, TagKeys },
        }),
      },
      desired.tags,
      live.tags,
    ),
  ];
}

/** Tokens for other audiences come to count, or count no more. */
function changeAudiences(desired: OidcProvider, live: OidcProvider, context: Context): Draft<OidcChange>[] {
  const { come, go } = moved(live.audiences, desired.audiences);
  if (come.length + go.length === 0) return [];
  const ref = refOf(live);
  const step = (ClientID: string, lets: 'more' | 'fewer'): StepDraft => ({
    op: lets === 'more' ? 'AddClientIDToOpenIDConnectProvider' : 'RemoveClientIDFromOpenIDConnectProvider',
    input: { OpenIDConnectProviderArn: live.arn, ClientID },
    about: partRef(ref, 'audiences', ClientID),
    purpose: lets === 'more' ? 'add-audience' : 'remove-audience',
    uses: [ref],
    ...wiringOf(ref, lets),
  });
  return [
    {
      change: makeChange({
        kind: about.name,
        name: live.name,
        aspect: 'audiences',
        action: 'update',
        ...providerImpact(context, live.arn, come.length > 0 ? 'widens' : 'narrows'),
        facts: [...audienceFacts(come, true), ...audienceFacts(go, false)],
        before: { audiences: live.audiences },
        after: { audiences: desired.audiences },
      }),
      steps: [...go.map((one) => step(one, 'fewer')), ...come.map((one) => step(one, 'more'))],
    },
  ];
}

/** Only where they are declared: AWS keeps them itself, and trusts well-known authorities without them. */
function changeThumbprints(desired: OidcProvider, live: OidcProvider, context: Context): Draft<OidcChange>[] {
  if (desired.thumbprints === undefined || live.thumbprints === undefined) return [];
  const { come, go } = moved(live.thumbprints, desired.thumbprints);
  if (come.length + go.length === 0) return [];
  const ref = refOf(live);
  return [
    {
      change: makeChange({
        kind: about.name,
        name: live.name,
        aspect: 'thumbprints',
        action: 'update',
        ...providerImpact(context, live.arn, come.length > 0 ? 'unclear' : 'narrows'),
        facts: [...thumbprintFacts(come, true), ...thumbprintFacts(go, false)],
        before: { thumbprints: live.thumbprints },
        after: { thumbprints: desired.thumbprints },
      }),
      steps: [
        {
          op: 'UpdateOpenIDConnectProviderThumbprint',
          input: { OpenIDConnectProviderArn: live.arn, ThumbprintList: [...desired.thumbprints] },
          about: partRef(ref, 'thumbprints'),
          purpose: 'update-thumbprints',
          uses: [ref],
          ...wiringOf(ref, come.length > 0 ? 'more' : 'fewer'),
        },
      ],
    },
  ];
}
