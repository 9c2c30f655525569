import type { Caller } from '../iam/context.ts';
import type { State } from '../iam/state.ts';

export interface Authorizer {
  allows(userName: string, action: string, resource: string): boolean;
}
export function createAuthorizer(_s: State, _a: string, _p: string, _c: () => Date): Authorizer {
  return { allows: () => false };
}
export function authorize(_a: Authorizer, _c: Caller, _o: string, _s: string, _i: unknown): void {}
