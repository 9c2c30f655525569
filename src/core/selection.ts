import type { Selection } from './desired.ts';
import { nameMatcher } from './glob.ts';
import { sameName } from './names.ts';
import type { Tags } from './state.ts';

/** What a selection can look at; a kind whose objects have no path or tags lacks them. */
export interface Selectable {
  readonly name: string;
  readonly path?: string;
  readonly tags?: Tags;
}

/** Whether an object is one of those that a section's `manage` selects. */
export function isSelected({ names, paths, tags }: Selection, object: Selectable): boolean {
  const { name, path = '/' } = object;
  return (
    (names === undefined || selectsName(names, name)) &&
    (paths === undefined || paths.some((one) => path.startsWith(one))) &&
    (tags === undefined || hasTags(object.tags ?? {}, tags))
  );
}

/**
 * More people may write tags than manifests: tags narrow what names or paths select, and by themselves tell what to look
 * at. So a tag alone never has anything removed.
 */
export const isByTagsAlone = ({ names, paths }: Selection): boolean =>
  names === undefined && paths === undefined;

const exception = (pattern: string): boolean => pattern.startsWith('!');

/** An exception wins wherever it stands in the list. */
function selectsName(patterns: readonly string[], name: string): boolean {
  const but = patterns.filter(exception).map((pattern) => pattern.slice(1));
  return nameMatcher(patterns.filter((pattern) => !exception(pattern)))(name) && !nameMatcher(but)(name);
}

/** IAM's keys of tags have no case, values do. */
const hasTags = (tags: Tags, wanted: Tags): boolean =>
  Object.entries(wanted).every(([key, value]) =>
    Object.entries(tags).some(([other, is]) => sameName(other, key) && is === value),
  );
