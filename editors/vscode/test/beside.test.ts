/** The extension beside another language server: jedi-language-server, started by an extension of its own. */
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';

import { Editor } from './editor.ts';

const THEIRS = 'Return a future aggregating results'; // From the docstring of gather, which the neighbour shows.
const OURS = 'Run awaitables concurrently';
let editor: Editor | undefined;

afterEach(async (context) => {
  await editor?.picture(`beside-${context.name}`).catch(() => undefined);
  await editor?.close();
});

async function open(order: string): Promise<Editor> {
  editor = await Editor.start({ extensions: ['neighbour'], settings: { 'asyncio-lsp.order': order } });
  await editor.open('prices.py');
  await editor.hover('gather', THEIRS);
  await editor.hover('gather', OURS);
  return editor;
}

/** The parameter hints of a call that is being typed, once they contain `text`. */
async function hints(editor: Editor, text: string): Promise<string> {
  await editor.leave();
  await editor.endOf('print(min(prices))');
  await editor.press('Enter');
  await editor.type('await asyncio.wait_for(main(), ');
  return (await editor.hints(text)).innerText();
}

test('first', async () => {
  const editor = await open('first');
  const text = await (await editor.hover('gather', OURS)).innerText();
  assert(text.indexOf(OURS) < text.indexOf(THEIRS), text);
  await editor.picture('beside');
  assert.match(await hints(editor, 'Seconds.'), /^1\/2\n/m);
  await editor.press('ArrowDown');
  await editor.hints('Wait for the single Future');
});

test('last', async () => {
  const editor = await open('last');
  const text = await (await editor.hover('gather', OURS)).innerText();
  assert(text.indexOf(THEIRS) < text.indexOf(OURS), text);
  assert.doesNotMatch(await hints(editor, 'Wait for the single Future'), /Seconds\./);
});
