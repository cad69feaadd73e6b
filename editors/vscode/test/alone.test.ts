/** The extension as the only one for Python. */
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';

import { Editor, until } from './editor.ts';

let editor: Editor;

before(async () => {
  editor = await Editor.start();
});
beforeEach((context) => (context.name.startsWith('first') ? undefined : editor.reset()));
afterEach((context) => editor.picture(`alone-${context.name}`));
after(() => editor?.close());

test('first hover on an empty profile', async (context) => {
  const opened = await editor.open('prices.py');
  await editor.hover('gather', 'Run awaitables concurrently');
  context.diagnostic(`first hover ${Date.now() - opened} ms after the text of the file`);
});

test('hover on a function', async () => {
  const hover = await editor.hover('gather', 'Run awaitables concurrently');
  assert.match(await hover.innerText(), /^asyncio\.gather\(/);
  await editor.picture('hover');
});

test('more opens the page', async () => {
  const hover = await editor.hover('gather', 'Run awaitables concurrently');
  await hover.getByText('more', { exact: true }).click();
  assert.match(await editor.preview('What people get wrong'), /^asyncio\.gather\n/);
  await editor.leave();
  await editor.picture('reference');
});

test('hover on a method of an instance', async () => {
  const hover = await editor.hover('put', 'asyncio.Queue.put', 'self.orders.put');
  assert.match(await hover.innerText(), /^asyncio\.Queue\.put\(/);
});

test('hover on a keyword argument', async () => {
  const hover = await editor.hover('return_exceptions', 'asyncio.gather(…');
  assert.match(await hover.innerText(), /^return_exceptions: /m);
});

test('signature help while typing', async () => {
  await editor.endOf('print(min(prices))');
  await editor.press('Enter');
  await editor.type('await asyncio.wait_for(main(), ');
  const hints = await editor.hints('timeout');
  assert.equal(await hints.locator('.parameter.active').first().innerText(), 'timeout: float | None');
  await editor.picture('signature');
});

test('completion with tab stops', async () => {
  await editor.endOf('print(min(prices))');
  await editor.press('Enter');
  await editor.type('await asyncio.wait_f');
  const offer = await editor.offer('wait_for(…)');
  await editor.picture('completion');
  await offer.click();
  await editor.type('main()');
  await editor.press('Tab');
  await editor.type('2');
  await editor.press('Tab');
  await editor.type('  # at most');
  assert.match(await editor.saved(), /^ {4}await asyncio\.wait_for\(main\(\), 2\) {2}# at most$/m);
});

test('a diagnostic and its quick fix', async () => {
  await editor.reset('stop.py');
  await editor.squiggle('warning');
  const hover = await editor.hover('CancelledError', 'Raise again at the end');
  assert.match(await hover.innerText(), /cancellation-swallowed/);
  await editor.picture('diagnostic');
  await editor.leave();
  await editor.endOf('except asyncio.CancelledError:');
  await editor.press('Control+.');
  await (await editor.action('Raise')).click();
  await until(async () => (await editor.lines()).some((line) => line.trim() === 'raise'), 'the fix');
  assert.match(await editor.saved(), /^ {8}print\("stopping"\)\n {8}raise$/m);
});

test('open reference', async () => {
  await editor.command('Asyncio: Open reference…');
  await editor.pick('first one', 'asyncio.wait');
  assert.match(await editor.preview('Two sets'), /^asyncio\.wait\n/);
});

test('open a topic', async () => {
  await editor.command('Asyncio: Open reference…');
  await editor.pick('structured', 'Structured concurrency');
  await editor.preview('all of them are done');
});

test('what changed between versions', async () => {
  await editor.command('Asyncio: What changed between Python versions…');
  await editor.pick('3.11', '3.11');
  await editor.pick('3.12', '3.12');
  assert.match(await editor.preview('from Python 3.11 to 3.12'), /asyncio\.eager_task_factory/);
});

test('restart', async () => {
  await editor.command('Asyncio: Restart server');
  await editor.hover('gather', 'Run awaitables concurrently');
  await editor.leave();
  await editor.command('Asyncio: Show log');
  await editor.panel(/starting: Python 3\.[^]*starting: Python 3\./);
  await editor.command('View: Hide Panel');
});

test('status', async () => {
  await editor.command('Asyncio: Show status');
  await editor.notification(/The server runs: Python 3\.\d+\.\d+.*\(on the PATH\)/).waitFor();
});

test('a switch is followed', async () => {
  await editor.hover('gather', 'Run awaitables concurrently');
  editor.set({ 'asyncio-lsp.hover.enabled': false });
  await editor.noHover('gather');
  editor.set({});
  await editor.hover('gather', 'Run awaitables concurrently');
});

test('time to activate', async (context) => {
  await editor.command('Developer: Show Running Extensions');
  const row = editor.page.locator('.runtime-extensions-editor .extension', { hasText: 'Asyncio' });
  await editor.wheelTo(row);
  const text = await row.locator('.activation-time').innerText();
  assert.match(text, /\d+ms/);
  context.diagnostic(text);
});
