import type { Json } from '../../core/json.ts';
import type { Role } from '../../core/state.ts';
import type { References } from '../to-manifest.ts';

export const trustToManifest = (
  { trust }: Role,
  _references: References,
): { readonly value: Json; readonly reasons: readonly string[] } => ({ value: trust, reasons: [] });
