/** What VS Code starts: it puts the parts together and waits for nothing. */
import * as vscode from 'vscode';

import { Pages } from './pages';
import { Server } from './server';
import { Status } from './status';

let server: Server | undefined;

export function activate(context: vscode.ExtensionContext): void {
  const log = vscode.window.createOutputChannel('Asyncio', { log: true });
  const running = (server = new Server(context.extension, log));
  const status = new Status(running);
  const pages = new Pages(running, context.extension);
  context.subscriptions.push(
    log,
    running,
    status,
    pages,
    vscode.commands.registerCommand('asyncio-lsp.openReference', () => pages.openReference()),
    vscode.commands.registerCommand('asyncio-lsp.openChanges', () => pages.openChanges()),
    vscode.commands.registerCommand('asyncio-lsp.openPage', (name: string) => pages.openEntry(name)),
    vscode.commands.registerCommand('asyncio-lsp.restart', () => running.restart()),
    vscode.commands.registerCommand('asyncio-lsp.showLog', () => {
      log.show();
    }),
    vscode.commands.registerCommand('asyncio-lsp.showStatus', () => status.show()),
  );
  void running.restart();
}

export async function deactivate(): Promise<void> {
  await server?.stop();
}
