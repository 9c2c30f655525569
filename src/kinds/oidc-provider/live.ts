import { isDeepStrictEqual } from 'node:util';
import { providerArn } from '../../core/arn.ts';
import { byText } from '../../core/json.ts';
import type { Made } from '../../core/made.ts';
import type { AccountState, OidcProvider } from '../../core/state.ts';
import { isAsked } from '../asked.ts';
import { isSince, iso, toMade, toTags } from '../live.ts';
import type { Iam, LiveReader, OutputOf, Part } from '../live.ts';
import { about, of } from './about.ts';

/** The list has only ARNs, and every provider takes a call of its own. */
export const live: LiveReader<OidcProvider> = {
  async forPlan(_details, reading) {
    return isAsked({ ...about, of }, reading) ? await readAll(reading.iam) : undefined;
  },

  catalogue: readAll,

  async asMade(call, account, { iam, since }) {
    if (call.op !== 'CreateOpenIDConnectProvider') return undefined;
    const { Url = '', ClientIDList = [], ThumbprintList, Tags = [] } = call.input;
    const arn = providerArn(about.name, account, Url.replace('https://', ''));
    const found = await readOne(iam, arn);
    return (
      found !== null &&
      isSince(found.createdAt, since) &&
      isDeepStrictEqual(found.audiences, [...ClientIDList].sort(byText)) &&
      (ThumbprintList === undefined ||
        isDeepStrictEqual(found.thumbprints, [...ThumbprintList].sort(byText))) &&
      isDeepStrictEqual(found.tags, toTags(Tags)) &&
      made(found)
    );
  },

  made({ op, input }, answer) {
    if (op !== 'CreateOpenIDConnectProvider') return undefined;
    const { OpenIDConnectProviderArn: arn } = answer as OutputOf<'CreateOpenIDConnectProvider'>;
    return toMade({ kind: about.name, name: input.Url?.replace('https://', ''), arn });
  },
};

const made = ({ name, arn, createdAt }: OidcProvider): Made =>
  toMade({ kind: about.name, name, arn, createdAt });

async function readAll(iam: Iam): Promise<Part> {
  const answers = await iam.list('ListOpenIDConnectProviders', {});
  const arns = answers
    .flatMap(({ OpenIDConnectProviderList }) => OpenIDConnectProviderList ?? [])
    .map(({ Arn = '' }) => Arn);
  const found = await iam.each(arns, (arn) => readOne(iam, arn), 'OIDC providers');
  const providers = found.filter((one) => one !== null).sort((a, b) => byText(a.name, b.name));
  return (account: AccountState) => ({
    ...account,
    oidcProviders: new Map(providers.map((one) => [one.name, one])),
  });
}

/** Null: it has gone meanwhile. */
async function readOne(iam: Iam, arn: string): Promise<OidcProvider | null> {
  const answer = await iam.find('GetOpenIDConnectProvider', { OpenIDConnectProviderArn: arn });
  if (!answer) return null;
  return {
    name: arn.slice(arn.indexOf('/') + 1),
    audiences: [...(answer.ClientIDList ?? [])].sort(byText),
    thumbprints: [...(answer.ThumbprintList ?? [])].map((one) => one.toLowerCase()).sort(byText),
    tags: toTags(answer.Tags),
    arn,
    createdAt: iso(answer.CreateDate),
  };
}
