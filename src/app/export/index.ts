import type { Aws } from '../../aws/client.ts';
import { iamOver, readAccount, withCatalogues } from '../../aws/read.ts';
import type { Caller } from '../../aws/read.ts';
import { RollcallError } from '../../core/errors.ts';
import { byText } from '../../core/json.ts';
import { sameName } from '../../core/names.ts';
import { objectRef, parseRef } from '../../core/references.ts';
import type { Ref } from '../../core/references.ts';
import type { AccountState, User } from '../../core/state.ts';
import { didYouMean, listWords, quote } from '../../core/text.ts';
import { membersOf } from '../../kinds/holders.ts';
import { kinds, withParts } from '../../kinds/index.ts';
import { nestedSections } from '../../manifest/write/index.ts';
import type { Exported } from './schema.ts';

/** Where objects are in what is exported, and by which word they are asked for. */
interface Section {
  readonly kind: string;
  readonly section: string;
  readonly of: (state: AccountState) => ReadonlyMap<string, unknown>;
}

const sections: readonly Section[] = kinds
  .filter(({ only }) => only === undefined)
  .map(({ name, section, of }) => ({ kind: name, section, of }));

/**
 * The account as it is, or the objects of it that are named, with their credentials as IAM tells them now.
 *
 * @param wanted such as `user:anna`; none: the whole account.
 * @throws RollcallError for a name that is not there, or a failed read.
 */
export async function exportAccount(aws: Aws, caller: Caller, wanted: readonly string[]): Promise<Exported> {
  const iam = iamOver(aws);
  const { account } = await withCatalogues(
    await readAccount(aws, caller),
    iam,
    (kind) => wanted.length === 0 || wanted.some((one) => parseRef(one).kind === kind),
  );
  const isWhole = wanted.length === 0;
  const refs = isWhole ? null : new Set(resolve(wanted, account));
  const namesOf = (section: Pick<Section, 'kind' | 'of'>): string[] =>
    [...section.of(account).keys()].filter((name) => refs?.has(objectRef(section.kind, name)) ?? true);
  const parts = await iam.each(kinds, async ({ name: kind, of, live }) => {
    const names = namesOf({ kind, of });
    const reading = { iam, names, isNew: isWhole, tags: true };
    return await (live.forExport ? live.forExport(account, reading) : live.forImport?.(account, reading));
  });
  const state = withParts(account, parts);
  const { reportedAt } = state;
  const chosen = sections
    .map((section) => [section, namesOf(section)] as const)
    .filter(([, names]) => isWhole || names.length > 0);
  return {
    version: 1,
    account: state.account,
    partition: state.partition,
    ...(isWhole && reportedAt !== undefined ? { reportedAt: reportedAt?.toISOString() ?? null } : {}),
    ...inSections(
      chosen.map(([{ section, of }, names]) => {
        const objects = of(state);
        return [section, Object.fromEntries(names.map((name) => [name, written(objects.get(name), state)]))];
      }),
    ),
    ...(isWhole ? { settings: settingsOf(state) } : {}),
  };
}

/** As sections stand in files. */
const inSections = (all: readonly (readonly [section: string, objects: object])[]): object =>
  Object.fromEntries(
    [...nestedSections(all)].map(([top, parts]) => [
      top,
      parts.every(({ rest }) => rest === '')
        ? parts[0]!.content
        : Object.fromEntries(parts.map(({ rest, content }) => [rest, content])),
    ]),
  );

/** What an account has one of. */
const settingsOf = (state: AccountState): NonNullable<Exported['settings']> =>
  Object.fromEntries(
    kinds
      .filter(({ only }) => only !== undefined)
      .map(({ section, only, of }) => [section.split('.').at(-1)!, (of(state).get(only!) ?? null) as null]),
  );

/** An object with its tags in text order, whatever order IAM keeps them in; of a user what can be signed in with. */
function written(object: unknown, state: AccountState): unknown {
  const { tags, signIn, credentials, ...rest } = object as Partial<User>;
  const isUser = state.users.get(rest.name ?? '') === object;
  const isGroup = state.groups.get(rest.name ?? '') === object;
  const none = { accessKeys: [], loginProfile: null };
  return {
    ...rest,
    ...(tags ? { tags: Object.fromEntries(Object.entries(tags).sort(([a], [b]) => byText(a, b))) } : {}),
    ...(isGroup ? { members: [...membersOf(state, rest.name!)] } : {}),
    ...(isUser ? { credentials: credentials ?? signIn ?? none } : {}),
  };
}

/** The objects that are named, in any case. */
function resolve(wanted: readonly string[], account: AccountState): Ref[] {
  const faults: { readonly message: string; readonly hint?: string | undefined }[] = [];
  const refs = wanted.flatMap((text) => {
    const { kind, name } = parseRef(text);
    const section = sections.find((one) => one.kind === kind);
    if (!text.includes(':') || !section) {
      faults.push({ message: `${quote(text)} names no object`, hint: hintOf(text, account) });
      return [];
    }
    const names = [...section.of(account).keys()];
    const found = names.find((one) => one === name) ?? names.find((one) => sameName(one, name));
    if (found !== undefined) return [objectRef(kind, found)];
    const refs = names.map((one) => objectRef(kind, one));
    faults.push({ message: `the account has no ${kind} ${quote(name)}`, hint: didYouMean(text, refs) });
    return [];
  });
  const [first, ...more] = faults;
  if (!first) return refs;
  const { message, hint } = first;
  if (more.length === 0) throw new RollcallError(message, hint === undefined ? {} : { hint });
  throw new RollcallError([
    'nothing was exported:',
    ...faults.map((one) => `  ${one.message}${one.hint === undefined ? '' : `; ${one.hint}`}`),
  ]);
}

function hintOf(text: string, account: AccountState): string {
  const bare = text.slice(text.indexOf(':') + 1);
  const found = sections.flatMap(({ kind, of }) =>
    [...of(account).keys()].filter((name) => sameName(name, bare)).map((name) => objectRef(kind, name)),
  );
  return found.length > 0
    ? `did you mean ${listWords(found.map((ref) => quote(ref)))}?`
    : `write ${listWords(sections.map(({ kind }) => `${kind}:NAME`))}`;
}
