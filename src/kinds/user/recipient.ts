import { builtin } from '../../core/builtin.ts';

/** age recipients and ed25519 keys are shorter: they are told whole. */
const longest = 100;

/** Who will be able to read a new secret, for whoever reviews the plan. */
export const deliveryText = ({ deliverTo }: { readonly deliverTo?: string | null }): string =>
  deliverTo === undefined || deliverTo === null
    ? 'without a recipient (in clear, by --keys-to or --reveal)'
    : `encrypted to ${shownRecipient(deliverTo)}`;

/** An RSA key's last characters can be chosen by who makes it; its fingerprint (`ssh-keygen -l`) cannot. */
export function shownRecipient(recipient: string): string {
  if (recipient.length <= longest) return recipient;
  const [type = '', body = ''] = recipient.split(' ');
  const hash = builtin('node:crypto').createHash('sha256').update(Buffer.from(body, 'base64'));
  return `${type} …${body.slice(-16)} (SHA256:${hash.digest('base64').replace(/=+$/, '')})`;
}
