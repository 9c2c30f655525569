/** From atoms of a statement back to statements. */
import { stableJson, type Json, type JsonObject } from '../core/json.ts';
import type { Atom } from './includes.ts';
import { spelling, type Grant } from './statement.ts';

function grouped<T>(items: Iterable<T>, key: (item: T) => string): T[][] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const name = key(item);
    const group = groups.get(name);
    if (group) group.push(item);
    else groups.set(name, [item]);
  }
  return [...groups.values()];
}

const partKey = (part: Atom['action'] | null): string =>
  part === null ? '' : 'source' in part ? part.source : 'inverse';

/** Statements that hold these atoms of one statement and no others: as few as simple grouping makes. */
export function assemble(statement: Grant, atoms: readonly Atom[]): JsonObject[] {
  const spelled = spelling(statement.source);
  // Atoms of one principal and resource, then those with equal actions, then those with equal resources.
  const rows = grouped(atoms, ({ principal, resource }) => `${principal} ${partKey(resource)}`);
  const actionsOf = (row: readonly Atom[]): string[] => row.map(({ action }) => partKey(action));
  const byPrincipal = grouped(rows, (row) => stableJson([row[0]!.principal, actionsOf(row)]));
  const resourcesOf = (rowsOfOne: readonly Atom[][]): string[] =>
    rowsOfOne.map((row) => partKey(row[0]!.resource));
  return grouped(byPrincipal, (rowsOfOne) =>
    stableJson([actionsOf(rowsOfOne[0]!), resourcesOf(rowsOfOne)]),
  ).map((group) => {
    const row = group[0]![0]!;
    const { action, resource } = row[0]!;
    const fields: Record<string, Json> = Object.assign({}, statement.source);
    if ('source' in action) fields.Action = actionsOf(row).map(spelled);
    if (resource && 'source' in resource) fields.Resource = resourcesOf(group[0]!);
    const principals = group.map((rowsOfOne) => rowsOfOne[0]![0]!.principal);
    return Object.assign(fields, principalFields(principals));
  });
}

function principalFields(principals: readonly (string | null)[]): JsonObject {
  const names = principals.filter((name) => name !== null && !name.startsWith('not ')) as string[];
  if (names.length === 0) return {};
  if (names.includes('*')) return { Principal: '*' };
  const types = grouped(names, (name) => name.slice(0, name.indexOf(' ')));
  const entries = types.map((group) => {
    const space = group[0]!.indexOf(' ');
    return [group[0]!.slice(0, space), group.map((name) => name.slice(space + 1))] as const;
  });
  return { Principal: Object.fromEntries(entries) };
}
