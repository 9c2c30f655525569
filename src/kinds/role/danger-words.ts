import type { PolicyDanger } from '../../access/dangers.ts';
import type { TrustDanger } from '../../policy/trust/index.ts';
import type { DangerWords } from '../change.ts';

export type { TrustDanger };
export const isTrustDanger = (danger: PolicyDanger | TrustDanger): danger is TrustDanger =>
  danger.code.startsWith('trusts-');
export const trustDangerWords = (danger: TrustDanger): DangerWords => ({
  label: danger.code,
  text: danger.code,
});
