/** What rollcall itself runs with: compared and told like anything else, and never written by any plan. */
import { nameKey, sameName } from '../core/names.ts';
import type { AccountState, PolicyDocument } from '../core/state.ts';
import { principalsIn } from '../policy/trust/index.ts';
import type { AnyChange } from './change.ts';
import type { Draft } from './kind.ts';

/** By the names that `rollcall init --github` gives to the roles of its jobs, of a second account with a suffix. */
export const isPipelineRole = (name: string): boolean =>
  /^rollcall-(?:plan|apply)(?:-.+)?$/.test(nameKey(name));

/** The role of the pipeline's, or of whoever runs rollcall: compared and told, and never written. */
export const isRunner = (name: string, runsAs: string | undefined): boolean =>
  isPipelineRole(name) || (runsAs !== undefined && sameName(name, runsAs));

/** A difference that is told and that no step carries out: whoever can write what rollcall runs with can do anything. */
export const byHand = <C extends AnyChange>({ change }: Draft<C>): Draft<C> => ({
  change: { ...change, byHand: true, reasons: [{ code: 'pipeline' }] },
  steps: [],
});

/** Identity providers that a trust names, by ARN. */
export const providersIn = (trust: PolicyDocument): string[] =>
  principalsIn(trust).flatMap((one) =>
    (one.type === 'oidc' || one.type === 'saml') && one.arn !== null ? [one.arn] : [],
  );

/** ARNs of the providers by whose tokens the jobs come to their roles, on any of the sides. */
export const pipelineProviders = (
  sides: readonly AccountState[],
  runsAs: string | undefined,
): ReadonlySet<string> =>
  new Set(
    sides
      .flatMap(({ roles }) => [...roles.values()])
      .filter(({ name }) => isRunner(name, runsAs))
      .flatMap(({ trust }) => providersIn(trust)),
  );
