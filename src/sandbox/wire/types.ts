import type * as Iam from '@aws-sdk/client-iam';
import type * as Sts from '@aws-sdk/client-sts';

/** `CreateUser` → `typeof CreateUserCommand`, for every command class that a client package exports. */
type CommandsOf<Module> = {
  [Key in keyof Module as Key extends `${infer Op}Command` ? Op : never]: Module[Key];
};
type IamCommands = CommandsOf<typeof Iam>;
type StsCommands = CommandsOf<typeof Sts>;
type Commands = IamCommands & StsCommands;

/** Name of an operation that the SDK knows, such as `CreateUser`. */
export type OpName = Extract<keyof Commands, string>;

type Instance<Op extends OpName> = Commands[Op] extends abstract new (...args: never[]) => infer I
  ? I
  : never;

/**
 * The SDK types required members as `T | undefined`. The wire layer refuses requests without them, so handlers get
 * plain `T`.
 */
type Checked<Input> = {
  [Key in keyof Input]: object extends Pick<Input, Key> ? Input[Key] : NonNullable<Input[Key]>;
};
export type OpInput<Op extends OpName> =
  Instance<Op> extends { readonly input: infer Input } ? Checked<Input> : never;
export type OpOutput<Op extends OpName> =
  Instance<Op> extends {
    resolveMiddleware(...args: never[]): (...args: never[]) => Promise<{ output: infer Output }>;
  }
    ? Omit<Output, '$metadata'>
    : never;
