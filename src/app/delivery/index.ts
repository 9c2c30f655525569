import { randomBytes } from 'node:crypto';
import type { AccessKeySecret } from '../../aws/secrets.ts';
import { RollcallError } from '../../core/errors.ts';
import { parseRecipient } from '../../core/recipient.ts';
import type { Recipient } from '../../core/recipient.ts';
import { encrypt } from './age.ts';
import { Confidential } from './confidential.ts';
import { keyText, passwordText } from './contents.ts';
import type { Login } from './contents.ts';
import { deliveries, deliveryName } from './files.ts';
import { knownDeliveries } from './known.ts';
import { plainFile } from './plain-file.ts';
import type { Extent } from './plain-file.ts';

export { signInUrl } from './contents.ts';
export { knownDeliveries } from './known.ts';
export { generatePassword } from './password.ts';

export interface DeliveryOptions {
  /** Encrypted files go here, in a directory per account. */
  readonly dir: string;
  readonly account: string;
  /** A file in clear for secrets without a recipient. */
  readonly keysTo?: string;
  /** Shows a secret without a recipient to the person who runs the command; not for logs. */
  readonly reveal?: (text: string) => void;
  readonly now?: () => Date;
  /** Directory that relative paths are seen from; the process's own where it is absent. */
  readonly cwd?: string;
}

/** A secret that will be made, and the recipient that its manifest names. */
interface Wanted {
  readonly credential: 'access-key' | 'password';
  readonly user: string;
  readonly to: string | null;
}

/** Where a secret went. It holds nothing of the secret. */
export interface Delivered {
  readonly credential: Wanted['credential'];
  readonly user: string;
  readonly place:
    | { readonly kind: 'encrypted'; readonly path: string; readonly name: string }
    | { readonly kind: 'plain'; readonly path: string; readonly extent: Extent }
    | { readonly kind: 'revealed' };
}

/** The only way for secrets out of the program: encrypted to their person, or where the caller says. */
export function createDelivery(options: DeliveryOptions) {
  const now = options.now ?? (() => new Date());
  const { keysTo, cwd = '' } = options;
  const files = deliveries(options.dir, options.account, cwd);
  const plain = keysTo === undefined ? null : plainFile(keysTo, cwd);

  const put = async (wanted: Wanted, payload: Payload): Promise<Delivered['place']> => {
    if (wanted.to !== null) {
      const armoured = await encrypt(payload.text.expose(), recipientOf(wanted, wanted.to));
      const name = deliveryName(wanted.user, payload.id);
      const path = await files.write(name, armoured);
      return { kind: 'encrypted', path, name };
    }
    if (plain) return { kind: 'plain', path: plain.path, extent: await plain.append(payload.line) };
    if (!options.reveal) throw undeliverable(wanted);
    show(options.reveal, payload.text);
    return { kind: 'revealed' };
  };
  const send = async (wanted: Wanted, payload: Payload): Promise<Delivered> => {
    const place = await put(wanted, payload);
    return { credential: wanted.credential, user: wanted.user, place };
  };

  return {
    /**
     * Tries everything that could stop the delivery of these secrets: recipients (by encrypting to each), directory,
     * file.
     *
     * @throws RollcallError before there is any secret that could be lost.
     */
    async check(wanted: Iterable<Wanted>): Promise<void> {
      const all = [...wanted];
      const recipients = new Map<string, Recipient>();
      for (const each of all) {
        if (each.to !== null) recipients.set(each.to, recipientOf(each, each.to));
        else if (!plain && !options.reveal) throw undeliverable(each);
      }
      for (const recipient of recipients.values()) await encrypt('', recipient);
      if (recipients.size > 0) await files.check();
      if (plain && all.some(({ to }) => to === null)) await plain.check();
    },
    /** Resolves once the secret is where its person finds it, even after a crash. */
    deliverAccessKey(key: AccessKeySecret): Promise<Delivered> {
      const { user, to, accessKeyId, secretAccessKey } = key;
      const text = keyText(options.account, key, now());
      const wanted = { credential: 'access-key', user, to } as const;
      return send(wanted, { id: accessKeyId, text, line: toLine({ user, accessKeyId, secretAccessKey }) });
    },
    /**
     * Each password has a file of its own: an older file may belong to another run, and its password may be in force.
     */
    deliverPassword(login: Login): Promise<Delivered> {
      const { user, to, password, signInUrl } = login;
      const text = passwordText(options.account, login, now());
      const wanted = { credential: 'password', user, to } as const;
      return send(wanted, { id: passwordId(now()), text, line: toLine({ user, password, signInUrl }) });
    },
    /** Whether this key was delivered, by this run or an earlier one, as far as is known here. */
    async isDelivered(accessKeyId: string): Promise<boolean> {
      const where = { deliveries: options.dir, ...(keysTo ? { keysTo } : {}), cwd };
      return (await knownDeliveries(options.account, where)).has(accessKeyId);
    },
    /** Takes back a delivery whose credential will not exist after all. What was shown on a terminal stays shown. */
    async undo({ place }: Delivered): Promise<void> {
      if (place.kind === 'encrypted') await files.remove(place.name);
      if (place.kind === 'plain') await plain?.retract(place.extent);
    },
  };
}

/** A secret in the two forms in which it may leave the program. */
interface Payload {
  /** Distinguishes it in file names from other secrets of its user. */
  readonly id: string;
  readonly text: Confidential;
  readonly line: Confidential;
}

/** IAM gives passwords no id. The time tells people which one is the latest; the rest keeps two runs apart. */
const passwordId = (at: Date): string =>
  `password-${at.toISOString().replace(/[-:]|\.\d+/g, '')}-${randomBytes(4).toString('hex')}`;

const toLine = (fields: object): Confidential => new Confidential(JSON.stringify(fields));

/** @throws RollcallError that names the field of the manifest. */
function recipientOf(wanted: Wanted, text: string): Recipient {
  const parsed = parseRecipient(text);
  if (parsed.ok) return parsed.recipient;
  throw new RollcallError(`${fieldOf(wanted)} of ${wanted.user}: ${parsed.message}`, { hint: parsed.hint });
}

const fieldOf = ({ credential }: Wanted): string =>
  credential === 'password' ? 'console.deliverTo' : 'accessKey.deliverTo';

const undeliverable = (wanted: Wanted): RollcallError =>
  new RollcallError(
    `the new ${wanted.credential === 'password' ? 'password' : 'access key'} of ${wanted.user} has nowhere to go`,
    { hint: `name a recipient in ${fieldOf(wanted)}, or add --keys-to FILE` },
  );

/** The writer's error may quote the secret, so it is not passed on. */
function show(reveal: (text: string) => void, text: Confidential): void {
  try {
    reveal(text.expose());
  } catch {
    throw new RollcallError('the secret could not be shown', { hint: 'add --keys-to FILE' });
  }
}
