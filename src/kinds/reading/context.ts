import type { About, Desired, Expiring } from '../../core/desired.ts';
import type { Location } from '../../core/errors.ts';
import { parseExpiry } from '../../core/expiry.ts';
import { nameMatcher } from '../../core/glob.ts';
import { NameMap, spellingIn } from '../../core/names.ts';
import { byText } from '../../core/json.ts';
import type { Ref } from '../../core/references.ts';
import type { Report } from '../../core/report.ts';
import { isByTagsAlone, isSelected } from '../../core/selection.ts';
import { plural, quote } from '../../core/text.ts';
import { field, place, textOf } from '../../core/tree.ts';
import type { Entry, Node, Source } from '../../core/tree.ts';
import { readAbout } from './about.ts';

const day = 24 * 60 * 60 * 1000;
/** What expires within this time is reported. */
const soon = 14 * day;

/** The declarations of all files of one account together. */
export interface Merged {
  /** Declarations by section (`users`, `account.alias`) and name. */
  readonly sections: ReadonlyMap<string, ReadonlyMap<string, Entry>>;
  /** By dotted path, such as `account`, `rails.maxRemovals.users` and `ignore.roles`. */
  readonly settings: ReadonlyMap<string, Entry>;
  /** Sections that some file has, even if it is empty there. */
  readonly present: ReadonlySet<string>;
}

/** What the reader of a section needs from the others, and where it puts its results. */
export class ManifestContext {
  readonly report: Report;
  readonly merged: Merged;
  /** What is managed, beside what is declared. */
  readonly scope: Pick<Desired, 'ignore' | 'manage' | 'removed'>;
  /** Null if it is missing or wrong, which is reported. */
  readonly account: string | null;
  readonly partition: string;
  /** Referenced documents by absolute path; null if one has errors. */
  readonly documents: ReadonlyMap<string, Node | null>;
  /** Referenced texts likewise. */
  readonly texts: ReadonlyMap<string, string | null>;
  /** True if all files could be read: a name that is not declared then does not exist. */
  readonly complete: boolean;
  readonly sources = new Map<string, Location>();
  readonly about = new Map<string, About>();
  /** Policy documents that IAM would take. */
  readonly sound = new Set<Node>();
  readonly #at: Date;
  readonly #expiring: Expiring[] = [];
  /** Refs of what a file declares without an end. */
  readonly #lasting = new Set<Ref>();
  readonly #ignored = new Map<string, (name: string) => boolean>();
  readonly #named = new Map<string, NameMap<Entry>>();

  constructor(fields: {
    report: Report;
    merged: Merged;
    scope: ManifestContext['scope'];
    account: string | null;
    partition: string;
    documents: ReadonlyMap<string, Node | null>;
    texts: ReadonlyMap<string, string | null>;
    complete: boolean;
    at: Date;
  }) {
    this.report = fields.report;
    this.merged = fields.merged;
    this.scope = fields.scope;
    this.account = fields.account;
    this.partition = fields.partition;
    this.documents = fields.documents;
    this.texts = fields.texts;
    this.complete = fields.complete;
    this.#at = fields.at;
  }

  /** The declarations of a section, with names spelled as in the files. */
  declared(section: string): ReadonlyMap<string, Entry> {
    return this.merged.sections.get(section) ?? new Map();
  }

  /** The same, with names compared as IAM does. */
  named(section: string): NameMap<Entry> {
    const named = this.#named.get(section) ?? new NameMap(this.declared(section));
    this.#named.set(section, named);
    return named;
  }

  /** The declared spelling of a name that is used in any case elsewhere. */
  spelling(section: string, name: string): string {
    return this.named(section).spelling(name) ?? name;
  }

  isIgnored(section: string, name: string): boolean {
    const matches = this.#ignored.get(section) ?? nameMatcher(this.scope.ignore[section] ?? []);
    this.#ignored.set(section, matches);
    return matches(name);
  }

  /**
   * Whether what is in no file may be in the account all the same, and stay: it is ignored, or `manage` may leave it
   * alone, which only the account can tell.
   */
  mayBeLeft(section: string, name: string): boolean {
    if (this.isIgnored(section, name)) return true;
    const { manage, removed } = this.scope;
    const rule = manage[section] ?? 'all';
    if (rule === 'all' || spellingIn(removed[section] ?? [], name) !== undefined) return false;
    if (rule === 'declared' || isByTagsAlone(rule) || rule.paths || rule.tags) return true;
    return !isSelected(rule, { name });
  }

  /** Everything with an `expires`, in text order of `ref`. */
  get expiring(): readonly Expiring[] {
    return this.#expiring
      .map((one) => (this.#lasting.has(one.ref) ? { ...one, lasts: true as const } : one))
      .sort((a, b) => byText(a.ref, b.ref));
  }

  /** Remembers what a declaration says for people. @param own keys that mean something else there. */
  tell(ref: string, value: Node, own: readonly string[] = []): void {
    const about = readAbout(value, own);
    if (Object.keys(about).length > 0) this.about.set(ref, { ...this.about.get(ref), ...about });
  }

  /** Remembers where something is declared. */
  source(ref: string, at: { readonly source: Source; readonly offset: number }): void {
    if (!this.sources.has(ref)) this.sources.set(ref, place(at));
  }

  /** What has expired under its new name has under the old one: the rename may be still to come. */
  expireAlso(oldRef: string, ref: string): void {
    const found = this.#expiring.find((one) => one.ref === ref && one.expired);
    if (found) this.#expiring.push({ ...found, ref: oldRef });
  }

  /** Whether something counts at the time of this run. If its `expires` is missing or wrong, it does. */
  counts(owner: Node | undefined, ref: string, what: string): boolean {
    const node = field(owner, 'expires')?.value;
    const text = textOf(node);
    if (node === undefined || text === undefined) {
      this.#lasting.add(ref);
      return true;
    }
    const expiry = parseExpiry(text);
    if ('problem' in expiry) {
      this.report.error('bad-expiry', place(node), `${quote(text)} ${expiry.problem}`, { hint: expiry.hint });
      return true;
    }
    const left = expiry.at.getTime() - this.#at.getTime();
    const expired = left < 0;
    this.#expiring.push({ ref, what, at: expiry.at.toISOString(), expired });
    if (expired) {
      this.report.warning(
        'expired',
        place(node),
        `${what} expired (${text}): it is treated as not in the file`,
        {
          hint: 'remove it from the file, or give it a later date',
        },
      );
    } else if (left < soon) {
      const days = Math.floor(left / day);
      this.report.warning(
        'expires-soon',
        place(node),
        `${what} expires ${days === 0 ? 'within a day' : `in ${plural(days, 'day')}`} (${text})`,
        { hint: 'if it is still needed, give it a later date' },
      );
    }
    return !expired;
  }
}
