import { isDeepStrictEqual } from 'node:util';
import { providerArn } from '../../core/arn.ts';
import { byText } from '../../core/json.ts';
import type { Made } from '../../core/made.ts';
import type { AccountState, SamlProvider } from '../../core/state.ts';
import { isAsked } from '../asked.ts';
import { isSince, iso, toMade, toTags } from '../live.ts';
import type { Iam, LiveReader, OutputOf, Part } from '../live.ts';
import { about, of } from './about.ts';
import { plainMetadata } from './metadata.ts';

/** The list has only ARNs and dates, and every provider takes a call of its own. */
export const live: LiveReader<SamlProvider> = {
  async forPlan(_details, reading) {
    return isAsked({ ...about, of }, reading) ? await readAll(reading.iam) : undefined;
  },

  catalogue: readAll,

  async asMade(call, account, { iam, since }) {
    if (call.op !== 'CreateSAMLProvider') return undefined;
    const { Name = '', SAMLMetadataDocument = '', Tags = [] } = call.input;
    const found = await readOne(iam, providerArn(about.name, account, Name));
    return (
      found !== null &&
      isSince(found.createdAt, since) &&
      plainMetadata(found.metadata) === plainMetadata(SAMLMetadataDocument) &&
      isDeepStrictEqual(found.tags, toTags(Tags)) &&
      made(found)
    );
  },

  made({ op, input }, answer) {
    if (op !== 'CreateSAMLProvider') return undefined;
    const { SAMLProviderArn: arn } = answer as OutputOf<'CreateSAMLProvider'>;
    return toMade({ kind: about.name, name: input.Name, arn });
  },
};

const made = ({ name, arn, id, createdAt }: SamlProvider): Made =>
  toMade({ kind: about.name, name, arn, id, createdAt });

async function readAll(iam: Iam): Promise<Part> {
  const answers = await iam.list('ListSAMLProviders', {});
  const arns = answers.flatMap(({ SAMLProviderList }) => SAMLProviderList ?? []).map(({ Arn = '' }) => Arn);
  const found = await iam.each(arns, (arn) => readOne(iam, arn), 'SAML providers');
  const providers = found.filter((one) => one !== null).sort((a, b) => byText(a.name, b.name));
  return (account: AccountState) => ({
    ...account,
    samlProviders: new Map(providers.map((one) => [one.name, one])),
  });
}

/** Null: it has gone meanwhile. */
async function readOne(iam: Iam, arn: string): Promise<SamlProvider | null> {
  const answer = await iam.find('GetSAMLProvider', { SAMLProviderArn: arn });
  if (!answer) return null;
  return {
    name: arn.slice(arn.indexOf('/') + 1),
    metadata: answer.SAMLMetadataDocument ?? '',
    tags: toTags(answer.Tags),
    arn,
    ...(answer.SAMLProviderUUID === undefined ? {} : { id: answer.SAMLProviderUUID }),
    createdAt: iso(answer.CreateDate),
    ...(answer.ValidUntil ? { validUntil: iso(answer.ValidUntil) } : {}),
  };
}
