/** What rollcall itself runs with: compared and told like anything else, and never written by any plan. */
import { nameKey, sameName } from '../core/names.ts';
import type { AccountState } from '../core/state.ts';
import { principalsIn } from '../policy/trust/index.ts';

/** By the names that `rollcall init --github` gives to the roles of its jobs, of a second account with a suffix. */
export const isPipelineRole = (name: string): boolean =>
  /^rollcall-(?:plan|apply)(?:-.+)?$/.test(nameKey(name));

/** The role of the pipeline's, or of whoever runs rollcall: compared and told, and never written. */
export const isRunner = (name: string, runsAs: string | undefined): boolean =>
  isPipelineRole(name) || (runsAs !== undefined && sameName(name, runsAs));

/** ARNs of the providers by whose tokens the jobs come to their roles, on any of the sides. */
export const pipelineProviders = (
  sides: readonly AccountState[],
  runsAs: string | undefined,
): ReadonlySet<string> =>
  new Set(
    sides
      .flatMap(({ roles }) => [...roles.values()])
      .filter(({ name }) => isRunner(name, runsAs))
      .flatMap(({ trust }) =>
        principalsIn(trust).flatMap((one) =>
          one.type === 'oidc' && one.arn !== null ? [one.arn] : one.type === 'saml' ? [one.arn] : [],
        ),
      ),
  );
