type Iam = typeof import('@aws-sdk/client-iam');

/** Name of an operation of the IAM API, such as `RemoveUserFromGroup`, as the SDK has it. */
export type Operation = keyof {
  [Name in keyof Iam as Name extends `${infer Op extends string}Command` ? Exclude<Op, '$'> : never]: true;
};

/** The SDK's type of the operation's input. */
export type InputOf<Op extends Operation> = NonNullable<ConstructorParameters<Iam[`${Op}Command`]>[0]>;

/** A call as data. An operation or a field that IAM does not have does not compile. */
export type Call<Op extends Operation = Operation> = {
  [One in Op]: { readonly op: One; readonly input: InputOf<One> };
}[Op];

/**
 * Stands for the time of the call in what a step sends, which nobody knows when the plan is made: `revoke-sessions` alone
 * has it.
 */
export const timeOfCall = 'TIME-OF-THE-CALL';
