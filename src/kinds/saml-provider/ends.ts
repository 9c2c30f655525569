import { sameName } from '../../core/names.ts';
import { objectRef } from '../../core/references.ts';
import { plural } from '../../core/text.ts';
import type { Context } from '../kind.ts';
import { about } from './about.ts';
import { readMetadata } from './metadata.ts';
import type { Metadata } from './metadata.ts';

const day = 24 * 60 * 60 * 1000;
/** Metadata that end within this time are told of. */
const soon = 30 * day;

/** By what they say themselves. */
export const hasEnded = ({ validUntil }: Metadata, now: Date): boolean =>
  validUntil !== undefined && new Date(validUntil) <= now;

/** Once the metadata have ended, nobody gets in by them, and no plan would tell why. */
export function noteEnds(context: Context): void {
  const { desired, live, now, note } = context;
  for (const { name, metadata } of desired.samlProviders.values()) {
    const held = [...live.samlProviders.values()].find((one) => sameName(one.name, name));
    const said = readMetadata(metadata);
    // IAM says a century, where the metadata do not say.
    const isSame = held !== undefined && readMetadata(held.metadata).hash === said.hash;
    const end = said.validUntil ?? (isSame ? held.validUntil : undefined);
    const left = end === undefined ? Infinity : new Date(end).getTime() - now.getTime();
    if (left > soon) continue;
    const at = context.place(objectRef(about.name, name));
    note(
      `saml-provider ${name}: its metadata ${left < 0 ? 'ended' : 'end'} on ${end!.slice(0, 10)}` +
        `${left < 0 ? ', and nobody gets in by it any more' : `, in ${plural(Math.floor(left / day), 'day')}`}: ` +
        `put newer ones of the identity provider into the files${at === undefined ? '' : ` (${at})`}`,
    );
  }
}
