import { RollcallError } from '../../core/errors.ts';
import { sshPublicKey } from '../../core/recipient.ts';
import type { Recipient } from '../../core/recipient.ts';

/**
 * Encrypts to one recipient in age's armoured format (c2sp.org/age). The libraries are loaded at the first call,
 * because most runs encrypt nothing.
 *
 * @throws RollcallError if the key itself is unusable, such as a point that is not on the curve.
 */
export async function encrypt(plaintext: string, recipient: Recipient): Promise<string> {
  const [{ Encrypter, armor }, { sshRecipient }] = await Promise.all([
    import('age-encryption'),
    import('./ssh.ts'),
  ]);
  try {
    const encrypter = new Encrypter();
    const key = sshPublicKey(recipient);
    encrypter.addRecipient(key ? sshRecipient(key) : recipient.text);
    return armor.encode(await encrypter.encrypt(plaintext));
  } catch {
    // The cause is left out: an error that has seen the plaintext must not get into a log.
    throw new RollcallError(
      `nothing can be encrypted to the ${recipient.type} recipient ${shorten(recipient)}`,
      {
        hint: 'the public key is not a valid one: copy it again, or make a new one with age-keygen',
      },
    );
  }
}

const shorten = ({ text }: Recipient): string => (text.length > 90 ? `${text.slice(0, 89)}…` : text);
