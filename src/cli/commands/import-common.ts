import type { Tool } from '../../app/import/from/index.ts';
import type { Imported, Wanted } from '../../app/import/index.ts';
import { countOf, kinds } from '../../kinds/index.ts';
import type { Layout } from '../../manifest/write/index.ts';
import type { GlobalOptions } from '../options.ts';

export interface ImportCommandOptions extends GlobalOptions {
  readonly layout: Layout;
  readonly account?: string;
  readonly from?: Tool;
  readonly only?: readonly string[];
  readonly path?: readonly string[];
  readonly tags?: boolean;
  readonly dryRun?: boolean;
}

export const wantedBy = ({ only = [], path: paths = [] }: ImportCommandOptions): { wanted?: Wanted } =>
  only.length + paths.length > 0 ? { wanted: { only, paths } } : {};

/** `2 users, 1 group, 0 policies`, and of what an account has one only what there is. */
export const counts = (names: Imported['added']): string =>
  kinds
    .flatMap((kind) => {
      const { length } = names[kind.section] ?? [];
      if (kind.only !== undefined) return length > 0 ? kind.plural : [];
      return kind.optIn && length === 0 ? [] : countOf(length, kind.name);
    })
    .join(', ');
