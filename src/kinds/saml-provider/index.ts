import { objectRef, partRef } from '../../core/references.ts';
import type { SamlProvider } from '../../core/state.ts';
import { expiredOn, makeChange } from '../change.ts';
import type { Impact } from '../change.ts';
import type { Context, Draft, Drifted, Kind, StepDraft } from '../kind.ts';
import {
  makingOf,
  providerImpact,
  refuseIfTrusted,
  roleRefsTrusting,
  trustedBy,
  wiringOf,
  withoutPipeline,
} from '../providers.ts';
import { tagDrafts, tagFacts, tagList } from '../tags.ts';
import { about, of } from './about.ts';
import { live } from './live.ts';
import { readSamlProviders } from './manifest.ts';
import { plainMetadata, readMetadata } from './metadata.ts';
import type { Metadata } from './metadata.ts';
import schema from './schema.json' with { type: 'json' };
import { hasEnded, noteEnds } from './ends.ts';
import { samlToManifest } from './to-manifest.ts';
import { samlDangerLabel, samlWords, without } from './words.ts';
import type { SamlChange, SamlDanger, SamlReason } from './words.ts';

const drifted: Drifted<SamlChange> = ({ name }, fact, sides) =>
  fact.fact === 'metadata' && fact.before && fact.after
    ? impactOf(fact.after, fact.before, of(sides.live).get(name)?.arn ?? '', sides)
    : undefined;

/** Those who sign assertions with which people assume roles, such as a company's own directory. */
export const samlProviderKind = {
  ...about,
  optIn: true,
  schema,
  of,
  put: (state, samlProviders) => ({ ...state, samlProviders }),
  read: readSamlProviders,
  texts: 'metadata',
  live,
  toManifest: samlToManifest,
  calls: {
    CreateSAMLProvider: 'saml-provider',
    DeleteSAMLProvider: 'saml-provider',
    TagSAMLProvider: 'saml-provider',
    UntagSAMLProvider: 'saml-provider',
    UpdateSAMLProvider: 'saml-provider',
  },
  reads: { GetSAMLProvider: 'saml-provider', ListSAMLProviders: 'account' },
  fingerprint: ({ metadata, ...provider }) => ({ ...provider, metadata: plainMetadata(metadata) }),
  rolesBy: roleRefsTrusting(about.name),
  survey: noteEnds,
  drifted,
  words: samlWords,
  dangerLabels: [samlDangerLabel],
  ofCall({ sAMLProviderArn: arn, sAMLMetadataDocument, name }) {
    if (typeof arn === 'string') return /:saml-provider\/(.+)$/.exec(arn)?.[1];
    return typeof name === 'string' && sAMLMetadataDocument !== undefined ? name : undefined;
  },
  diff(desired, live, context) {
    const drafts = draftsOf(desired, live, context);
    const { arn = '' } = desired ?? live ?? {};
    return withoutPipeline(drafts, arn, desired !== undefined, context);
  },
} satisfies Kind<SamlProvider, SamlChange>;

function draftsOf(
  desired: SamlProvider | undefined,
  live: SamlProvider | undefined,
  context: Context,
): Draft<SamlChange>[] {
  if (!live) return desired ? [create(desired, context)] : [];
  return desired ? update(desired, live, context) : [remove(live, context)];
}

const refOf = ({ name }: SamlProvider): string => objectRef(about.name, name);

const snapshot = ({ metadata, tags }: SamlProvider) => ({
  metadata: readMetadata(metadata),
  tags: { ...tags },
});

function create(provider: SamlProvider, context: Context): Draft<SamlChange> {
  const { name, metadata, tags, arn } = provider;
  const change = makeChange({
    kind: about.name,
    name,
    action: 'create',
    aspect: 'object',
    ...providerImpact(context, arn, 'widens'),
    facts: [{ fact: 'metadata', before: null, after: readMetadata(metadata) }, ...tagFacts(tags)],
    before: null,
    after: snapshot(provider),
  });
  const step: StepDraft = {
    op: 'CreateSAMLProvider',
    input: {
      Name: name,
      SAMLMetadataDocument: metadata,
      ...(Object.keys(tags).length > 0 ? { Tags: tagList(tags) } : {}),
    },
    about: refOf(provider),
    purpose: 'create',
    creates: [refOf(provider)],
    ...makingOf(refOf(provider), context),
  };
  return { change, steps: [step] };
}

function remove(provider: SamlProvider, context: Context): Draft<SamlChange> {
  const { name, metadata, tags, arn } = provider;
  refuseIfTrusted(about.name, name, arn, context);
  const change = makeChange({
    kind: about.name,
    name,
    action: 'delete',
    aspect: 'object',
    ...expiredOn(refOf(provider), context),
    ...providerImpact(context, arn, 'narrows'),
    facts: [
      { fact: 'metadata', before: readMetadata(metadata), after: null },
      ...tagFacts(tags).map((fact) => ({ ...fact, before: fact.after, after: null })),
    ],
    before: snapshot(provider),
    after: null,
  });
  const step: StepDraft = {
    op: 'DeleteSAMLProvider',
    input: { SAMLProviderArn: arn },
    about: refOf(provider),
    purpose: 'delete',
    cls: 'cleanup',
    removes: [refOf(provider)],
  };
  return { change, steps: [step] };
}

function update(desired: SamlProvider, live: SamlProvider, context: Context): Draft<SamlChange>[] {
  const { name, arn } = live;
  const isSame = plainMetadata(desired.metadata) === plainMetadata(live.metadata);
  return [
    ...(isSame ? [] : [changeMetadata(desired, live, context)]),
    ...tagDrafts(
      { kind: about.name, name },
      {
        tag: (Tags) => ({ op: 'TagSAMLProvider', input: { SAMLProviderArn: arn, Tags } }),
        untag: (TagKeys) => ({ op: 'UntagSAMLProvider', input: { SAMLProviderArn: arn, TagKeys } }),
      },
      desired.tags,
      live.tags,
    ),
  ];
}

function changeMetadata(desired: SamlProvider, live: SamlProvider, context: Context): Draft<SamlChange> {
  const [before, after] = [readMetadata(live.metadata), readMetadata(desired.metadata)];
  const ref = refOf(live);
  const signers = impactOf(before, after, live.arn, context);
  const [wasOver, isOver] = [before, after].map((one) => hasEnded(one, context.now));
  // Of metadata that have ended nobody is let in, whoever signs.
  const impact =
    wasOver === isOver || signers.dangers
      ? signers
      : providerImpact(context, live.arn, isOver ? 'narrows' : 'widens');
  const lets = impact.effect === 'narrows' ? 'fewer' : 'more';
  return {
    change: makeChange({
      kind: about.name,
      name: live.name,
      aspect: 'metadata',
      action: 'update',
      ...impact,
      facts: [{ fact: 'metadata', before, after }],
      before: { metadata: before },
      after: { metadata: after },
    }),
    steps: [
      {
        op: 'UpdateSAMLProvider',
        input: { SAMLProviderArn: live.arn, SAMLMetadataDocument: desired.metadata },
        about: partRef(ref, 'metadata'),
        purpose: 'update-metadata',
        uses: [ref],
        ...(impact.effect === 'none' ? ({ cls: 'neutral' } as const) : wiringOf(ref, lets)),
      },
    ],
  };
}

/** Who signs for the roles that trust it. */
function impactOf(
  before: Metadata,
  after: Metadata,
  arn: string,
  context: Pick<Context, 'live' | 'desired'>,
): Impact<SamlReason, SamlDanger> {
  const isOther = before.entityId !== after.entityId;
  const [come, go] = [without(after, before).length, without(before, after).length];
  if (!isOther && come + go === 0) {
    return before.signOn.join() === after.signOn.join()
      ? { effect: 'none', reasons: [{ code: 'same-signers' }] }
      : providerImpact(context, arn, 'unclear');
  }
  const impact = providerImpact(context, arn, isOther || come > 0 ? 'widens' : 'narrows');
  const roles = trustedBy(context, arn);
  if (!isOther || roles.length === 0) return impact;
  const { entityId: was } = before;
  return {
    ...impact,
    dangers: [{ code: 'other-identity-provider', before: was, after: after.entityId, roles }],
  };
}
