// Puts the server and its dependencies into server/, which `python -I -S server` runs on every system.
// usage: node build/server.mjs; PYTHON names another Python 3.11+ with pip than python3
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

const extension = join(import.meta.dirname, '..');
const project = join(extension, '../..');
const server = join(extension, 'server');
// What prints pages to terminals, which the extension never does.
const UNUSED = ['rich', 'markdown_it_py', 'markdown_it', 'mdurl', 'pygments', 'bin'];

rmSync(server, { recursive: true, force: true });
const versions = join(project, '.requirements.lock');
execFileSync(
  process.env.PYTHON ?? 'python3',
  // prettier-ignore
  ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--root-user-action=ignore', '--no-compile',
    '--only-binary', ':all:', '--constraint', versions, '--target', server, project],
  { stdio: 'inherit' },
);
checkPure();
for (const name of readdirSync(server)) {
  if (UNUSED.includes(name.replace(/-[^-]+\.dist-info$/, ''))) {
    rmSync(join(server, name), { recursive: true });
  } else if (name.endsWith('.dist-info')) {
    rmSync(join(server, name, 'RECORD'), { force: true });
  }
}
apart();
// Jedi looks for packages where this folder has distributions, so that none of its 4,300 files is ever read.
rmSync(join(server, 'jedi/third_party/typeshed/stubs'), { recursive: true });
copyFileSync(join(server, 'asyncio_lsp/__main__.py'), join(server, '__main__.py'));
checkVersion();

/** Every distribution says that it is pure, and no file is for one system only. */
function checkPure() {
  const names = readdirSync(server).filter((name) => name.endsWith('.dist-info'));
  for (const name of names) {
    const wheel = readFileSync(join(server, name, 'WHEEL'), 'utf8');
    if (!/^Root-Is-Purelib: true$/m.test(wheel) || !/^Tag: .*-none-any$/m.test(wheel)) {
      throw new Error(`${name} is not pure Python: it would run on this system only`);
    }
  }
  const binary = readdirSync(server, { recursive: true }).find((path) => /\.(so|pyd|dylib|dll|exe)$/.test(path));
  if (names.length === 0 || (binary && !binary.startsWith('bin'))) {
    throw new Error(`server/${binary ?? ''} is not pure Python`);
  }
}

/** The extension, and what it carries, have one version and one licence. */
function checkVersion() {
  const { version } = JSON.parse(readFileSync(join(extension, 'package.json'), 'utf8'));
  if (!existsSync(join(server, `asyncio_lsp-${version}.dist-info`))) {
    throw new Error(`package.json says version ${version}, asyncio_lsp/__init__.py another one`);
  }
}

/** Gives entries whose files differ in case only a folder each: macOS, Windows and the vsix cannot tell them apart. */
function apart() {
  const seen = new Set();
  for (const path of readdirSync(join(server, 'asyncio_lsp/content'), { recursive: true }).map(String).sort()) {
    if (seen.has(path.toLowerCase())) {
      const folder = join(server, 'asyncio_lsp/content', dirname(path), 'apart');
      mkdirSync(folder, { recursive: true });
      renameSync(join(server, 'asyncio_lsp/content', path), join(folder, basename(path)));
    }
    seen.add(path.toLowerCase());
  }
}
