import type { MFADevice, VirtualMFADevice } from '@aws-sdk/client-iam';
import {
  alreadyExists,
  deleteConflict,
  IamError,
  invalidInput,
  noSuchEntity,
  overQuota,
  validationError,
} from '../../wire/errors.ts';
import { arnOf, userNamed, userOrCaller, type Context, type Handlers } from '../context.ts';
import { pageFields, paginateUnsorted } from '../paginate.ts';
import type { MfaRecord } from '../records.ts';
import { listTags, taggingOf, toTags } from '../tags.ts';
import { userShape } from '../users/shape.ts';

/** A PNG of one grey pixel instead of the QR code: no seed is kept that could be drawn. */
const placeholder = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==',
  'base64',
);

const isVirtual = (ctx: Context, serial: string): boolean =>
  serial.startsWith(`arn:${ctx.partition}:iam::${ctx.account}:mfa/`);

const noDevice = (serial: string): IamError =>
  noSuchEntity(`MFA Device with serial number ${serial} does not exist.`);

function virtualDevice(ctx: Context, serial: string): MfaRecord {
  const device = ctx.state.mfaDevices.get(serial);
  if (!device?.virtual) throw noDevice(serial);
  return device;
}

function taggable(ctx: Context, serial: string): MfaRecord {
  if (!isVirtual(ctx, serial)) throw invalidInput('Only virtual MFA devices can be tagged.');
  return virtualDevice(ctx, serial);
}

/** The device of a user; IAM also finds it without the user's name. */
function assigned(ctx: Context, userName: string | undefined, serial: string): MfaRecord {
  const device = ctx.state.mfaDevices.get(serial);
  const user = userName === undefined ? undefined : userNamed(ctx, userName);
  if (!device) throw noDevice(serial);
  if (device.userId === '' || (user && device.userId !== user.id)) {
    throw noSuchEntity('MFA Device invalid for user.');
  }
  return device;
}

/**
 * Accepts any two different codes of six digits, as the sandbox keeps no seed to check them against. Two equal codes
 * are refused, as IAM refuses codes that are not consecutive.
 */
function checkCodes(first: string, second: string): void {
  if (first === second)
    throw new IamError('InvalidAuthenticationCode', 'Authentication code for device is not valid.');
}

/** Markers have at most 320 characters and serial numbers may have 256, so the order uses a shorter key. */
const orderKey = (device: MfaRecord): string => device.id.slice(-200);

const tagging = taggingOf((state) => state.mfaDevices);

export const mfaHandlers = {
  CreateVirtualMFADevice(input, ctx) {
    const path = input.Path ?? '/';
    const serial = arnOf(ctx, 'mfa', path, input.VirtualMFADeviceName);
    if (ctx.state.mfaDevices.get(serial)) {
      throw alreadyExists('MFA device already exists.');
    }
    const tags = tagging.initial(input.Tags);
    // The seed is a secret: it is returned once and not kept.
    const seed = ctx.mint.text(64, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567');
    ctx.state.mfaDevices.put({
      id: serial,
      name: input.VirtualMFADeviceName,
      virtual: true,
      createdAt: ctx.now(),
      tags,
      userId: '',
      enabledAt: null,
    });
    const device: VirtualMFADevice = {
      SerialNumber: serial,
      Base32StringSeed: Buffer.from(seed),
      QRCodePNG: placeholder,
      ...(tags.length === 0 ? {} : { Tags: toTags(tags) }),
    };
    return { VirtualMFADevice: device };
  },

  DeleteVirtualMFADevice(input, ctx) {
    const device = virtualDevice(ctx, input.SerialNumber);
    if (device.userId !== '') {
      throw deleteConflict('MFA VirtualDevice in use. Must deactivate first.');
    }
    ctx.state.mfaDevices.delete(device.id);
  },

  EnableMFADevice(input, ctx) {
    const user = userNamed(ctx, input.UserName);
    checkCodes(input.AuthenticationCode1, input.AuthenticationCode2);
    const serial = input.SerialNumber;
    const known = ctx.state.mfaDevices.get(serial);
    if (isVirtual(ctx, serial) && !known) {
      throw noDevice(serial);
    }
    if (known?.userId === user.id) throw alreadyExists(`MFA Device for user ${user.name} already exists.`);
    if (known && known.userId !== '') throw alreadyExists('MFA Device is already in use.');
    if (ctx.state.mfaDevices.ownedBy(user.id).length >= ctx.quotas.mfaPerUser) {
      throw overQuota('MfaDevicesPerUser', ctx.quotas.mfaPerUser);
    }
    const now = ctx.now();
    ctx.state.mfaDevices.put({
      // A hardware token is known from the moment that it is assigned.
      ...(known ?? { id: serial, name: serial, virtual: false, createdAt: now, tags: [] }),
      userId: user.id,
      enabledAt: now,
    });
  },

  DeactivateMFADevice(input, ctx) {
    const device = assigned(ctx, input.UserName ?? ctx.caller.user?.name, input.SerialNumber);
    // Hardware tokens are forgotten; virtual devices stay, unassigned, until they are deleted.
    if (device.virtual) ctx.state.mfaDevices.put({ ...device, userId: '', enabledAt: null });
    else ctx.state.mfaDevices.delete(device.id);
  },

  ResyncMFADevice(input, ctx) {
    assigned(ctx, input.UserName, input.SerialNumber);
    checkCodes(input.AuthenticationCode1, input.AuthenticationCode2);
  },

  ListMFADevices(input, ctx) {
    const user = userOrCaller(ctx, input.UserName);
    const page = paginateUnsorted(ctx, input, ctx.state.mfaDevices.ownedBy(user.id), orderKey, user.id);
    const devices = page.items.map((device): MFADevice => ({
      UserName: user.name,
      SerialNumber: device.id,
      EnableDate: new Date(device.enabledAt ?? device.createdAt),
    }));
    return { MFADevices: devices, ...pageFields(page) };
  },

  GetMFADevice(input, ctx) {
    const device = assigned(ctx, input.UserName, input.SerialNumber);
    if (device.virtual) {
      throw validationError(
        'The MFA device serial number sent in the request is invalid or not supported by this API. Currently, only ' +
          'hardware FIDO security keys are supported. Please use the compatible device or API.',
      );
    }
    const user = ctx.state.users.get(device.userId);
    return {
      SerialNumber: device.id,
      ...(user ? { UserName: user.name } : {}),
      EnableDate: new Date(device.enabledAt ?? device.createdAt),
    };
  },

  ListVirtualMFADevices(input, ctx) {
    const status = input.AssignmentStatus ?? 'Any';
    const devices = ctx.state.mfaDevices
      .sorted()
      .filter(
        (device) =>
          device.virtual && (status === 'Any' || (device.userId !== '') === (status === 'Assigned')),
      );
    const page = paginateUnsorted(ctx, input, devices, orderKey, status);
    return {
      VirtualMFADevices: page.items.map((device) => {
        const user = ctx.state.users.get(device.userId);
        return {
          SerialNumber: device.id,
          ...(user ? { User: userShape(ctx, user) } : {}),
          ...(device.enabledAt === null ? {} : { EnableDate: new Date(device.enabledAt) }),
        };
      }),
      ...pageFields(page),
    };
  },

  TagMFADevice: (input, ctx) => tagging.add(ctx, taggable(ctx, input.SerialNumber), input.Tags),
  UntagMFADevice: (input, ctx) => tagging.remove(ctx, taggable(ctx, input.SerialNumber), input.TagKeys),
  ListMFADeviceTags: (input, ctx) => listTags(ctx, input, taggable(ctx, input.SerialNumber)),
} satisfies Handlers;
