/** Starts another language server for Python, as such extensions do: when the first Python file is opened. */
import { LanguageClient } from 'vscode-languageclient/node';

let client: LanguageClient | undefined;

export async function activate(): Promise<void> {
  const command = `${process.env.VSCODE_TEST_HOME ?? ''}/env/bin/jedi-language-server`;
  client = new LanguageClient(
    'neighbour',
    'Neighbour',
    { command },
    { documentSelector: [{ scheme: 'file', language: 'python' }] },
  );
  await client.start();
}

export function deactivate(): Promise<void> | undefined {
  return client?.stop();
}
