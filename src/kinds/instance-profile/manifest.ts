import { objectRef } from '../../core/references.ts';
import type { InstanceProfile } from '../../core/state.ts';
import { field, textOf } from '../../core/tree.ts';
import type { Entry } from '../../core/tree.ts';
import type { ManifestContext, Merged } from '../reading/context.ts';
import { checkDeclared } from '../reading/declared.ts';
import { readTags } from '../reading/identities.ts';
import { readSection } from '../reading/section.ts';
import { about } from './about.ts';

/** Where roles are, which may declare a profile of their own. */
const roles = 'roles';

/** `instanceProfile: true` of a role declares a profile of its name, and with a name one of that. */
export const impliedProfiles = ({ sections }: Pick<Merged, 'sections'>): Entry[] =>
  [...(sections.get(roles) ?? [])].flatMap(([role, { value }]) => {
    const said = field(value, 'instanceProfile');
    if (said?.value.kind !== 'scalar') return [];
    const key = said.value.value === true ? role : textOf(said.value);
    return key === undefined || key === '' ? [] : [{ key, at: said.at, value: said.value }];
  });

/** The `instanceProfiles` section, and what roles declare. */
export function readInstanceProfiles(context: ManifestContext): Map<string, InstanceProfile> {
  const owners = ownersOf(context);
  const expired = new Set(context.expiring.flatMap((one) => (one.expired ? [one.ref] : [])));
  return readSection(about, ['path', 'role', 'tags', 'expires'], context, (declared) => {
    const { name, value, ref, what } = declared;
    const owner = value.kind === 'map' ? undefined : owners.get(value)?.find((one) => one.profile === name);
    if (owner) {
      // It ends with its role.
      if (expired.has(objectRef('role', owner.role))) return null;
      return { name, path: '/', role: owner.role, isShort: true };
    }
    const counts = context.counts(value, ref, what);
    const tags = readTags(value, ref, context);
    const role = field(value, 'role')?.value;
    // Of an empty one the schema tells.
    if (textOf(role)) checkDeclared(roles, ['unknown-role', 'role'], role!, context);
    const profile: InstanceProfile = {
      name,
      path: textOf(field(value, 'path')?.value) ?? '/',
      role: textOf(role) ?? null,
      ...(tags === undefined ? {} : { tags }),
    };
    return counts ? profile : null;
  });
}

/** The roles that declare a profile, by what they say; a merge key may have several say the same. */
function ownersOf(context: ManifestContext): Map<Entry['value'], { role: string; profile: string }[]> {
  const owners = new Map<Entry['value'], { role: string; profile: string }[]>();
  for (const [role, { value }] of context.declared(roles)) {
    const said = field(value, 'instanceProfile')?.value;
    if (said) owners.set(said, [...(owners.get(said) ?? []), { role, profile: textOf(said) ?? role }]);
  }
  return owners;
}
