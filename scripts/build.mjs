// Builds what is shipped into dist/ (or another directory, for tests).
import { chmod, rm, writeFile } from 'node:fs/promises';
import { bundle, notices, packagesIn } from './bundle.mjs';

const outdir = process.argv[2] ?? 'dist';
await rm(outdir, { recursive: true, force: true });
const { metafile } = await bundle({ outdir });
await writeFile(`${outdir}/THIRD_PARTY_NOTICES.txt`, notices(packagesIn(metafile)));
await chmod(`${outdir}/rollcall.js`, 0o755);
