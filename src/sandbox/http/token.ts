import type { Iam } from '../engine.ts';
import { parseQuery } from '../wire/query.ts';

/** Claims that are seconds since 1970. */
const times = new Set(['exp', 'iat', 'nbf']);

/**
 * `GET /token?sub=…`: an identity token, asked for and given as in a workflow of GitHub, whose tools take this address as
 * `ACTIONS_ID_TOKEN_REQUEST_URL`. `audience` is the claim `aud`; every other parameter is a claim of that name.
 * Null without a subject.
 */
export function tokenAnswer(iam: Pick<Iam, 'token'>, query: string): { readonly value: string } | null {
  const asked = [...parseQuery(query)].map(([name, value]): readonly [string, unknown] => [
    name === 'audience' ? 'aud' : name,
    times.has(name) ? Number(value) : value,
  ]);
  const claims = Object.fromEntries(asked);
  return claims['sub'] === undefined ? null : { value: iam.token(claims) };
}
