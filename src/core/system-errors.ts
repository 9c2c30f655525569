/** What the operating system refuses, in words. */
import { errorCode } from './durable.ts';

const permission = [
  'permission denied',
  'let the user that runs rollcall write there, or name another place',
];
const space = ['no space is left', 'free some space there, or name a place on another disk'];
const inTheWay = [
  'a part of this path is not a directory',
  'move the file that is in the way, or name another place',
];

/** Why, and what helps where something was to be written. */
const reasons: { readonly [code: string]: readonly string[] } = {
  EACCES: permission,
  EPERM: permission,
  ENOSPC: space,
  EDQUOT: ['the disk quota is used up', space[1]!],
  EFBIG: ['the file may not grow any more', 'raise the limit of the file size, or name another place'],
  EROFS: ['the file system is read-only', 'name a place that can be written to'],
  ENOTDIR: inTheWay,
  EEXIST: inTheWay,
  EISDIR: ['a directory is in the way', 'move the directory that is in the way, or name another path'],
  ENOENT: ['a directory of this path does not exist', 'make the directory, or name another place'],
  ENAMETOOLONG: ['the path is too long', 'name a place with a shorter path'],
  ELOOP: ['its symbolic links form a loop', 'name another place'],
  EIO: ['the disk reports an error', 'check the disk, or name a place on another one'],
};

/** What means something else where something was to be read. */
const reasonsToRead: { readonly [code: string]: string } = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a directory',
  ENOTDIR: 'it is not a directory',
};

export function whyUnreadable(error: unknown): string {
  const code = errorCode(error) ?? 'unknown error';
  return reasonsToRead[code] ?? reasons[code]?.[0] ?? code;
}

export function whyUnwritable(error: unknown): { readonly reason: string; readonly hint: string } {
  const code = errorCode(error) ?? 'unknown error';
  const [reason = 'the system refused it', hint = 'see that the place is usable, or name another one'] =
    reasons[code] ?? [];
  return { reason: `${reason} (${code})`, hint };
}
