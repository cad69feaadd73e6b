// Packages the extensions of these folders, which stand beside ours in the tests.
// usage: node pack.mjs OUTPUT
import { copyFileSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { createVSIX } from '@vscode/vsce';
import { build } from 'esbuild';

const output = process.argv[2];
for (const entry of readdirSync(import.meta.dirname, { withFileTypes: true })) {
  if (!entry.isDirectory()) continue;
  const folder = join(output, entry.name);
  mkdirSync(folder, { recursive: true });
  copyFileSync(join(import.meta.dirname, entry.name, 'package.json'), join(folder, 'package.json'));
  await build({
    entryPoints: [join(import.meta.dirname, entry.name, 'extension.ts')],
    outfile: join(folder, 'extension.js'),
    bundle: true,
    platform: 'node',
    format: 'cjs',
    external: ['vscode'],
  });
  await createVSIX({
    cwd: folder,
    packagePath: `${folder}.vsix`,
    dependencies: false,
    allowMissingRepository: true,
    skipLicense: true,
  });
}
