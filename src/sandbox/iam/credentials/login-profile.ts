import { randomBytes, scryptSync } from 'node:crypto';
import type { LoginProfile } from '@aws-sdk/client-iam';
import { alreadyExists, IamError, noSuchEntity, validationError } from '../../wire/errors.ts';
import { checkPassword } from '../account/password-policy.ts';
import { accountOf, userNamed, userOrCaller, type Handlers } from '../context.ts';
import type { LoginRecord, UserRecord } from '../records.ts';

// Nobody signs in here, so the hash only has to tell passwords apart. A low cost keeps thousands of test users fast.
const hashOf = (password: string, salt: string): string =>
  scryptSync(password, Buffer.from(salt, 'base64'), 32, { N: 128 }).toString('base64');

function login(password: string, resetRequired: boolean, now: string, createdAt = now): LoginRecord {
  const salt = randomBytes(12).toString('base64');
  return { createdAt, changedAt: now, resetRequired, salt, hash: hashOf(password, salt) };
}

const shape = (user: UserRecord, profile: LoginRecord): LoginProfile => ({
  UserName: user.name,
  CreateDate: new Date(profile.createdAt),
  PasswordResetRequired: profile.resetRequired,
});

function profileOf(user: UserRecord): LoginRecord {
  if (!user.login) throw noSuchEntity(`Login Profile for User ${user.name} cannot be found.`);
  return user.login;
}

export const loginProfileHandlers = {
  CreateLoginProfile(input, ctx) {
    const user = userOrCaller(ctx, input.UserName);
    if (input.Password === undefined) {
      throw validationError(
        "1 validation error detected: Value at 'password' failed to satisfy constraint: Member must not be null",
      );
    }
    if (user.login) throw alreadyExists(`Login Profile for user ${user.name} already exists.`);
    checkPassword(ctx, input.Password);
    const profile = login(input.Password, input.PasswordResetRequired ?? false, ctx.now());
    ctx.state.users.put({ ...user, login: profile });
    return { LoginProfile: shape(user, profile) };
  },

  GetLoginProfile(input, ctx) {
    const user = userOrCaller(ctx, input.UserName);
    return { LoginProfile: shape(user, profileOf(user)) };
  },

  UpdateLoginProfile(input, ctx) {
    const user = userNamed(ctx, input.UserName);
    const profile = profileOf(user);
    const reset = input.PasswordResetRequired ?? profile.resetRequired;
    if (input.Password !== undefined) checkPassword(ctx, input.Password);
    const changed =
      input.Password === undefined
        ? { ...profile, resetRequired: reset }
        : login(input.Password, reset, ctx.now(), profile.createdAt);
    ctx.state.users.put({ ...user, login: changed });
  },

  DeleteLoginProfile(input, ctx) {
    const user = userOrCaller(ctx, input.UserName);
    profileOf(user);
    ctx.state.users.put({ ...user, login: null });
  },

  ChangePassword(input, ctx) {
    if (!ctx.caller.user) {
      throw new IamError('InvalidUserType', 'Only IAM Users can change their own password');
    }
    const user = userOrCaller(ctx, undefined);
    const profile = profileOf(user);
    if (hashOf(input.OldPassword, profile.salt) !== profile.hash) {
      throw new IamError('AccessDenied', 'The old password was incorrect.');
    }
    if (accountOf(ctx).passwordPolicy?.allowChange === false) {
      throw new IamError(
        'AccessDenied',
        `User: ${ctx.caller.arn} is not authorized to perform: iam:ChangePassword because the password policy ` +
          'does not allow users to change their passwords',
      );
    }
    checkPassword(ctx, input.NewPassword);
    ctx.state.users.put({ ...user, login: login(input.NewPassword, false, ctx.now(), profile.createdAt) });
  },
} satisfies Handlers;
