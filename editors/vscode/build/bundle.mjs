// Makes dist/extension.js of src/, and dist/LICENSES.txt of the licences of the packages that went into it.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { build } from 'esbuild';

const extension = join(import.meta.dirname, '..');
const { metafile } = await build({
  absWorkingDir: extension,
  entryPoints: ['src/extension.ts'],
  outfile: 'dist/extension.js',
  bundle: true,
  minify: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  external: ['vscode'],
  metafile: true,
});
const packages = new Set(
  Object.keys(metafile.inputs).flatMap((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path) ?? []),
);
const licences = [...packages].sort().map((folder) => {
  const name = readdirSync(join(extension, folder)).find((file) => /^licen[cs]e/i.test(file));
  if (!name) {
    throw new Error(`${folder} has no licence`);
  }
  return `${folder.replace(/^.*node_modules\//, '')}\n\n${readFileSync(join(extension, folder, name), 'utf8').trim()}`;
});
writeFileSync(join(extension, 'dist/LICENSES.txt'), `${licences.join(`\n\n${'-'.repeat(80)}\n\n`)}\n`);
