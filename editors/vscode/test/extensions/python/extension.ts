/** Stands for the Python extension: selects the interpreter that the file `selected` in the workspace folder names. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import * as vscode from 'vscode';

export function activate(context: vscode.ExtensionContext): unknown {
  const changed = new vscode.EventEmitter<{ path: string }>();
  context.subscriptions.push(
    changed,
    vscode.commands.registerCommand('python.setInterpreter', () => {
      changed.fire({ path: selected() });
    }),
  );
  return {
    ready: Promise.resolve(),
    environments: {
      getActiveEnvironmentPath: () => ({ id: selected(), path: selected() }),
      onDidChangeActiveEnvironmentPath: changed.event,
      resolveEnvironment: ({ path }: { path: string }) =>
        Promise.resolve(path ? { executable: { uri: vscode.Uri.file(path) } } : undefined),
    },
  };
}

function selected(): string {
  try {
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? '';
    return readFileSync(join(folder, 'selected'), 'utf8').trim();
  } catch {
    return '';
  }
}
