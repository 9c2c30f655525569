/** What in trusts nobody should overlook, in words. */
import type { PolicyDanger } from '../../access/dangers.ts';
import { mark } from '../../core/marked.ts';
import type { TrustDanger } from '../../policy/trust/index.ts';
import { markedConditions } from '../../policy/index.ts';
import type { DangerWords } from '../change.ts';

export type { TrustDanger };

export const isTrustDanger = (danger: PolicyDanger | TrustDanger): danger is TrustDanger =>
  Object.hasOwn(labels, danger.code);

/** By code; the worst first. */
const labels: { readonly [code in TrustDanger['code']]: string } = {
  'trusts-everybody': 'open to everybody',
  'trusts-every-token': 'open to every token',
  'trusts-every-repository': 'open to every repository',
  'trusts-organisation': 'open to an organisation',
  'trusts-account': 'open to another account',
  'trusts-unknown-provider': 'unknown provider',
  'trusts-other-provider': 'other identity provider',
  'trusts-every-audience': 'any audience',
};
export const trustDangerLabels: readonly string[] = Object.values(labels);

export const trustDangerWords = (danger: TrustDanger): DangerWords => ({
  label: labels[danger.code],
  text: textOf(danger),
});

function textOf(danger: TrustDanger): string {
  switch (danger.code) {
    case 'trusts-everybody':
      return danger.conditions === null
        ? 'trusts everybody with an identity of AWS, whatever their account'
        : `trusts everybody with an identity of AWS, whatever their account,${markedConditions(danger.conditions)}`;
    case 'trusts-every-token':
      return `trusts everybody who has a token of ${mark(danger.issuer)}: no condition limits ${mark(danger.claim)}`;
    case 'trusts-every-repository':
      return `trusts repositories of anybody at GitHub: ${mark(danger.subject)}`;
    case 'trusts-organisation':
      return `trusts all repositories of ${mark(danger.organisation)} at GitHub that match ${mark(danger.subject)}, also those made later`;
    case 'trusts-account': {
      const whom = danger.who === null ? 'whoever that account lets' : mark(danger.who);
      const lacks = danger.guarded ? '' : ', without an external id or organization';
      return `trusts account ${mark(danger.account)}: ${whom}${lacks}`;
    }
    case 'trusts-unknown-provider':
      return `trusts ${mark(danger.arn)}, a provider that is neither declared nor there`;
    case 'trusts-other-provider':
      return `trusts ${mark(danger.provider)} in place of ${danger.before.map(mark).join(' and ')}: another vouches for whoever comes in`;
    case 'trusts-every-audience':
      return `trusts responses of ${mark(danger.provider)} that were made for others than AWS: no condition limits ${mark('SAML:aud')}`;
  }
}
