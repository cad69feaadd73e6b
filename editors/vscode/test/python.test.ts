/** Which Python runs the server, and what is said when none can. */
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, test } from 'node:test';

import { Editor, HOME } from './editor.ts';

const RUNS = 'The server runs';
const OURS = 'Run awaitables concurrently';
const ENVIRONMENT = join(HOME, 'env/bin/python');
let editor: Editor;

afterEach(async (context) => {
  await editor?.picture(`python-${context.name}`).catch(() => undefined);
  await editor?.close();
});

async function says(text: string | RegExp): Promise<void> {
  await editor.command('Notifications: Clear All Notifications');
  await editor.command('Asyncio: Show status');
  await editor.notification(text).waitFor();
}

test('none found', async () => {
  editor = await Editor.start({ path: '/nowhere' });
  await editor.open('prices.py');
  await editor.notification('Python 3.11 or later is needed to run the server, and none was found').waitFor();
  await editor.notification('Get Python').waitFor();
  await editor.picture('none-found');
  editor.set({ 'asyncio-lsp.interpreter': ENVIRONMENT });
  await editor.hover('gather', OURS);
});

test('selected in the Python extension, then another', async () => {
  editor = await Editor.start({ extensions: ['python'] });
  writeFileSync(join(editor.folder, 'selected'), ENVIRONMENT);
  await editor.open('prices.py');
  await editor.hover('gather', OURS);
  await editor.leave();
  await says(`${ENVIRONMENT} (selected in the Python extension)`);
  const old = join(editor.folder, 'old');
  writeFileSync(old, '#!/bin/sh\necho "$0"\necho 3.9.2\nexit 1\n');
  chmodSync(old, 0o755);
  writeFileSync(join(editor.folder, 'selected'), old);
  await editor.command('Python: Select interpreter');
  await says(/\(on the PATH\)/);
  await editor.hover('gather', OURS);
});

test('named by the workspace', async () => {
  editor = await Editor.start({ workspace: { 'asyncio-lsp.interpreter': '${workspaceFolder}/python' } });
  await editor.open('prices.py');
  await editor.notification('The setting asyncio-lsp.interpreter names no Python 3.11 or later').waitFor();
});

test('named by a workspace that is not trusted', async () => {
  editor = await Editor.start({
    trust: true,
    settings: { 'security.workspace.trust.startupPrompt': 'never' },
    workspace: { 'asyncio-lsp.interpreter': '${workspaceFolder}/python', 'asyncio-lsp.path': '${workspaceFolder}/lsp' },
    extensions: ['python'],
  });
  writeFileSync(join(editor.folder, 'selected'), ENVIRONMENT);
  await editor.open('prices.py');
  await editor.page.getByText('Restricted Mode').first().waitFor();
  await editor.hover('gather', OURS);
  await says(new RegExp(`${RUNS}.*on the PATH`));
});

test('a program of the user', async () => {
  editor = await Editor.start();
  const program = join(editor.folder, 'lsp');
  const server = `"$HOME"/extensions/asyncio-lsp.asyncio-lsp-*/server`;
  writeFileSync(program, `#!/bin/sh\nexec ${ENVIRONMENT} -I -S ${server} "$@"\n`);
  chmodSync(program, 0o755);
  editor.set({ 'asyncio-lsp.path': '${workspaceFolder}/lsp' });
  await editor.open('prices.py');
  await editor.hover('gather', OURS);
  await says('(the setting asyncio-lsp.path)');
});
