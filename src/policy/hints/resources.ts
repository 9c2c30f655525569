import type { JsonObject } from '../../core/json.ts';
import { listSome, quote } from '../../core/text.ts';
import type { Path } from '../grammar/findings.ts';
import { isEverything } from './actions.ts';
import { namesOne, readResource } from './formats.ts';
import type { DocumentHints } from './run.ts';
import type { Takes } from './services.ts';
import { textsOf } from './texts.ts';

/**
 * Warns of a resource that no action of its statement takes, and of an action that takes none of the resources.
 *
 * AWS's reference has no resources for many actions that IAM does judge by them, and AWS's own policies put such actions
 * on patterns like `arn:aws:s3:::*`. So of these it warns only where a resource is one thing.
 */
export function checkResources(
  statement: JsonObject,
  path: Path,
  variables: boolean,
  found: DocumentHints,
): void {
  const actions = textsOf(statement, 'Action', path);
  const resources = textsOf(statement, 'Resource', path).map((one) => ({
    ...one,
    arn: readResource(one.text, variables),
  }));
  if (
    actions.length === 0 ||
    resources.some(({ text }) => /^\*+$/.test(text)) ||
    actions.some(({ text }) => isEverything(text))
  )
    return;

  const named = actions.map((one) => ({ ...one, takes: found.run.takesOf(one.text) }));
  const all = [...new Set(named.flatMap((one) => one.takes))];
  // An action that is unknown may take anything.
  const wrong = named.every((one) => one.takes.length > 0)
    ? resources.filter(
        ({ arn }) => !all.some((one) => (one.length > 0 ? found.run.fits(one, arn) : !namesOne(arn))),
      )
    : [];
  for (const { text, path: at } of wrong) {
    const message =
      named.length === 1
        ? `${quote(named[0]!.text)} does not take ${quote(text)}`
        : `none of the actions beside it takes ${quote(text)}`;
    found.warning('policy-resource-type', at, message, {
      hint: found.run.aws.withAge(`${named.length === 1 ? 'it takes' : 'they take'} ${whatFits(all, text)}`),
    });
  }
  if (wrong.length === resources.length) return;

  const isOne = resources.some(({ arn }) => namesOne(arn));
  for (const { text, path: at, takes: own } of named) {
    const fits = own.some((one) =>
      one.length > 0 ? resources.some(({ arn }) => found.run.fits(one, arn)) : !isOne,
    );
    if (fits || own.length === 0) continue;
    found.warning('policy-resource-type', at, `${quote(text)} takes none of the resources beside it`, {
      hint: found.run.aws.withAge(`it takes ${whatFits(own, resources[0]!.text)}`),
    });
  }
}

/** What the ARNs of actions look like, in the partition of the ARN that is there. */
function whatFits(takes: readonly Takes[], arn: string): string {
  const formats = [...new Set(takes.flat())];
  if (formats.length === 0) return 'no resource but "*"';
  const begin = arn.split(':', 2).join(':');
  return listSome(
    formats.map((format) => quote(`${begin}:${format.replaceAll('+', '*')}`)),
    3,
  );
}
