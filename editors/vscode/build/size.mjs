// Fails when the vsix is larger than what people want to wait for.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

const LARGEST = 8_000_000;
const extension = join(import.meta.dirname, '..');
const { name, version } = JSON.parse(readFileSync(join(extension, 'package.json'), 'utf8'));
const { size } = statSync(join(extension, `${name}-${version}.vsix`));
const files = readdirSync(join(extension, 'server'), { recursive: true }).length;
console.log(`${size.toLocaleString('en')} bytes, ${files.toLocaleString('en')} files and folders in server/`);
if (size > LARGEST) {
  console.error(`more than ${LARGEST.toLocaleString('en')} bytes`);
  process.exitCode = 1;
}
