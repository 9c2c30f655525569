/**
 * `rollcall/plan`: for programs that check, count or show what manifests would change in an account. Applying is left
 * to the command.
 */
import pc from 'picocolors';
import { requireManifests } from '../app/manifests.ts';
import { planAccount, withAws } from '../app/session.ts';
import { version } from '../app/version.ts';
import { RollcallError as ErrorForUsers } from '../core/errors.ts';
import type { JsonObject } from '../core/json.ts';
import type { RailName, RailViolation } from '../core/rails.ts';
import { loadManifests } from '../manifest/index.ts';
import { parsePlan as parse, savePlan } from '../plan/saved.ts';
import { renderHtml } from '../render/html.ts';
import { renderJson } from '../render/json.ts';
import { renderMarkdown } from '../render/markdown.ts';
import { renderPlan as renderTerminal } from '../render/terminal.ts';

export type { Json, JsonObject } from '../core/json.ts';
export type { RailName, RailViolation } from '../core/rails.ts';

/** One thing that is wrong with the manifests, or worth a warning. */
export interface Diagnostic {
  readonly severity: 'error' | 'warning';
  /** Stable name of the rule, such as `unknown-key`. */
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  /** `line` and `column` count from 1. */
  readonly at?: { readonly file: string; readonly line: number; readonly column: number };
}

/** An error that somebody can act on, in words. */
export interface RollcallError extends Error {
  readonly hint: string | undefined;
  /** With which the command would end (docs/exit-codes.md). */
  readonly exit: number;
  /** What is wrong with the manifests, where that is the error. */
  readonly diagnostics: readonly Diagnostic[];
}
/** For `error instanceof RollcallError`. */
export const RollcallError: abstract new (...args: never) => RollcallError = ErrorForUsers;

/** How to reach the account. By default AWS, with the credentials that the AWS CLI would use. */
export interface Client {
  readonly profile?: string;
  readonly region?: string;
  /** URL of an emulator. */
  readonly endpoint?: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** Handles requests instead of the network, like that of a sandbox. */
  readonly requestHandler?: Record<string, unknown>;
}

/** What a reviewer reads: one aspect of one object. */
export interface Change {
  /** Unique and stable, such as `user:melvins/policies/allow_access_houdini`. */
  readonly id: string;
  /** `user`, `group`, `policy`, …. */
  readonly kind: string;
  readonly name: string;
  readonly action: string;
  /** What it does to access; `unclear` may be `widens`. */
  readonly effect: 'widens' | 'narrows' | 'none' | 'unclear';
  /** One line without the object's kind and name. */
  readonly summary: string;
  /** Why the effect is what it says. */
  readonly reason: string;
  /** Grants that nobody must overlook, each with a stable code such as `administrator`. */
  readonly dangers?: readonly { readonly code: string; readonly text: string }[];
  /** Set if no step does it: only a person can settle it. */
  readonly byHand?: true;
  /** Set if no step does it as these hold it, whom nobody manages: it stays as it is. */
  readonly left?: readonly {
    readonly kind: string;
    readonly name: string;
    readonly as: 'attachment' | 'boundary' | 'member';
  }[];
}

/** One call of IAM's API. */
export interface Step {
  readonly id: string;
  /** Such as `RemoveUserFromGroup`. */
  readonly op: string;
  readonly input: JsonObject;
  /** Ids of the steps that must have succeeded before. */
  readonly needs: readonly string[];
  /** Id of the change that it carries out. */
  readonly change: string;
}

/** A plan as `rollcall plan --out` writes it and `rollcall apply FILE` takes it: plain JSON (docs/plan-formats.md). */
export interface Plan {
  /** The version of this format. */
  readonly version: number;
  readonly account: string;
  /** Set if it is partial: it keeps to these objects, such as `user:anna`, and what they depend on. */
  readonly targets?: readonly string[];
  /** One line, as the terminal's last: how many change, gain access and lose it. */
  readonly summary: string;
  readonly changes: readonly Change[];
  /** In the order in which they run. */
  readonly steps: readonly Step[];
  /** Facts for the reviewer that are not changes. */
  readonly notes: readonly string[];
  /** Set if the plan was made for another day: it cannot be applied then. */
  readonly at?: string;
  /** SHA-256 over the manifests. */
  readonly manifests: string;
  /** SHA-256 over everything else: a plan that was edited is not run. */
  readonly digest: string;
}

export interface ManifestOptions {
  /**
   * The time by which `expires` and the age of keys are judged; by default now. A plan made with it cannot be applied.
   */
  readonly at?: Date;
  /** Accepts manifests that declare nothing, which would remove everybody. */
  readonly allowEmpty?: boolean;
}

/** All errors and warnings of the manifests below a directory, each with its place. It makes no call. */
export async function checkManifests(
  directory: string,
  options: ManifestOptions = {},
): Promise<Diagnostic[]> {
  return (await loadManifests(directory, options)).diagnostics;
}

/**
 * The plan that makes an account match the manifests below a directory, and the rails that would refuse it. It reads
 * the account and changes nothing.
 *
 * @throws RollcallError if the manifests have errors, the client is in another account, or it may not read.
 */
export async function makePlan(
  directory: string,
  client: Client = {},
  options: ManifestOptions & { readonly override?: readonly RailName[] } = {},
): Promise<{ readonly plan: Plan; readonly violations: readonly RailViolation[] }> {
  const { override = [], ...reading } = options;
  const { desired } = await requireManifests(directory, reading);
  const { endpoint, requestHandler, ...where } = client;
  const io = {
    env: process.env,
    cwd: process.cwd(),
    now: () => new Date(),
    network: requestHandler === undefined ? {} : { requestHandler },
  };
  const connection = { ...where, ...(endpoint === undefined ? {} : { endpointUrl: endpoint }) };
  const at = options.at ? { at: options.at } : {};
  return await withAws(io, connection, desired.state.account, async (aws) => {
    const { plan, violations, live } = await planAccount(desired, aws, {
      overrides: override,
      ...(options.at ? { now: options.at } : {}),
    });
    const text = renderJson(savePlan(plan, desired, live, { rollcall: version, ...at }));
    return { plan: JSON.parse(text) as Plan, violations };
  });
}

/**
 * Reads a plan from the text of its file.
 *
 * @param file its name in errors.
 * @throws RollcallError if it is not a plan, is incomplete or was edited, or if another version made it.
 */
export function parsePlan(text: string, file = 'the plan'): Plan {
  parse(text, file);
  return JSON.parse(text) as Plan;
}

/**
 * Renders a plan of this version of rollcall as `rollcall plan --format FORMAT` prints it.
 *
 * @param violations of rails, which Markdown and HTML show first.
 * @throws RollcallError if the plan was edited.
 */
export function renderPlan(
  plan: Plan,
  format: 'terminal' | 'json' | 'markdown' | 'html',
  violations: readonly RailViolation[] = [],
): string {
  const saved = parse(JSON.stringify(plan), 'the plan');
  if (format === 'terminal') return renderTerminal(saved, pc.createColors(false));
  if (format === 'markdown') return renderMarkdown(saved, violations);
  return format === 'html' ? renderHtml(saved, violations) : renderJson(saved);
}
