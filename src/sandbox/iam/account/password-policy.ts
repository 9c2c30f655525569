import { IamError, noSuchEntity } from '../../wire/errors.ts';
import { accountOf, type Context, type Handlers } from '../context.ts';
import type { PasswordPolicyRecord } from '../records.ts';

const missing = (ctx: Context): IamError =>
  noSuchEntity(`The Password Policy with domain name ${ctx.account} cannot be found.`);

/** The rules for passwords in an account without a policy of its own (IAM User Guide, "Default password policy"). */
function checkDefault(password: string): string | null {
  if (password.length < 8) return 'Password should have a minimum length of 8';
  const kinds = [/[A-Z]/, /[a-z]/, /[0-9]/, /[^A-Za-z0-9]/].filter((kind) => kind.test(password));
  return kinds.length < 3
    ? 'Password should have at least three of: uppercase letters, lowercase letters, numbers, symbols'
    : null;
}

function checkOwn(password: string, policy: PasswordPolicyRecord): string | null {
  if (password.length < policy.minimumLength) {
    return `Password should have a minimum length of ${policy.minimumLength}`;
  }
  const rules = [
    [policy.requireUppercase, /[A-Z]/, 'uppercase letter'],
    [policy.requireLowercase, /[a-z]/, 'lowercase letter'],
    [policy.requireNumbers, /[0-9]/, 'number'],
    // Source of the set: API reference of UpdateAccountPasswordPolicy, RequireSymbols.
    [policy.requireSymbols, /[!@#$%^&*()_+\-=[\]{}|']/, 'symbol'],
  ] as const;
  const broken = rules.find(([required, letters]) => required && !letters.test(password));
  return broken ? `Password should have at least one ${broken[2]}` : null;
}

/** Throws PasswordPolicyViolation. The password never appears in the text. */
export function checkPassword(ctx: Context, password: string): void {
  const policy = accountOf(ctx).passwordPolicy;
  const problem = policy ? checkOwn(password, policy) : checkDefault(password);
  if (problem !== null) throw new IamError('PasswordPolicyViolation', problem);
}

export const passwordPolicyHandlers = {
  GetAccountPasswordPolicy(_input, ctx) {
    const policy = accountOf(ctx).passwordPolicy;
    if (!policy) throw missing(ctx);
    return {
      PasswordPolicy: {
        MinimumPasswordLength: policy.minimumLength,
        RequireSymbols: policy.requireSymbols,
        RequireNumbers: policy.requireNumbers,
        RequireUppercaseCharacters: policy.requireUppercase,
        RequireLowercaseCharacters: policy.requireLowercase,
        AllowUsersToChangePassword: policy.allowChange,
        ExpirePasswords: policy.maxAge !== null,
        ...(policy.maxAge === null ? {} : { MaxPasswordAge: policy.maxAge }),
        ...(policy.reusePrevention === null ? {} : { PasswordReusePrevention: policy.reusePrevention }),
        ...(policy.hardExpiry ? { HardExpiry: true } : {}),
      },
    };
  },

  /** Replaces the whole policy: parameters that are absent return to their defaults. */
  UpdateAccountPasswordPolicy(input, ctx) {
    ctx.state.account.put({
      ...accountOf(ctx),
      passwordPolicy: {
        minimumLength: input.MinimumPasswordLength ?? 6,
        requireSymbols: input.RequireSymbols ?? false,
        requireNumbers: input.RequireNumbers ?? false,
        requireUppercase: input.RequireUppercaseCharacters ?? false,
        requireLowercase: input.RequireLowercaseCharacters ?? false,
        allowChange: input.AllowUsersToChangePassword ?? false,
        maxAge: input.MaxPasswordAge ?? null,
        reusePrevention: input.PasswordReusePrevention ?? null,
        hardExpiry: input.HardExpiry ?? false,
      },
    });
  },

  DeleteAccountPasswordPolicy(_input, ctx) {
    const record = accountOf(ctx);
    if (!record.passwordPolicy) {
      throw noSuchEntity('The account policy with name PasswordPolicy cannot be found.');
    }
    ctx.state.account.put({ ...record, passwordPolicy: null });
  },
} satisfies Handlers;
