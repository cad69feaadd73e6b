/** Says in the status bar which Python versions count for the active file and who decided, and how the server is. */
import * as vscode from 'vscode';

import type { Server } from './server';

/** What the server answers to `asyncio-lsp/target`: the versions as text, and what decided about them. */
interface Target {
  python: string;
  source: string;
}

export class Status implements vscode.Disposable {
  private readonly item = vscode.languages.createLanguageStatusItem('asyncio-lsp', { language: 'python' });
  private readonly own: vscode.Disposable;
  private target: Target | undefined;

  constructor(private readonly server: Server) {
    this.item.name = 'Asyncio';
    this.item.command = { command: 'asyncio-lsp.showStatus', title: 'Show status' };
    const update = (): void => void this.update();
    this.own = vscode.Disposable.from(
      this.item,
      server.onDidChange(update),
      vscode.window.onDidChangeActiveTextEditor(update),
      vscode.workspace.onDidSaveTextDocument(update),
      vscode.workspace.onDidChangeConfiguration(update),
    );
    update();
  }

  dispose(): void {
    this.own.dispose();
  }

  /** Tells all in one message. */
  async show(): Promise<void> {
    await this.server.settled();
    await this.update();
    const { condition, program, problem } = this.server;
    const document = vscode.window.activeTextEditor?.document;
    const parts = [
      condition === 'running' ? `The server runs: ${program?.text ?? ''}.` : problem || `The server is ${condition}.`,
      ...(this.target && document
        ? [`${vscode.workspace.asRelativePath(document.uri)} is for Python ${said(this.target)}.`]
        : []),
    ];
    const choice = await vscode.window.showInformationMessage(parts.join(' '), 'Restart server', 'Show log');
    if (choice) {
      await vscode.commands.executeCommand(choice === 'Show log' ? 'asyncio-lsp.showLog' : 'asyncio-lsp.restart');
    }
  }

  private async update(): Promise<void> {
    const { condition, program, problem } = this.server;
    this.item.busy = condition === 'starting';
    const failed = condition === 'stopped' && problem !== '';
    this.item.severity = vscode.LanguageStatusSeverity[failed ? 'Error' : 'Information'];
    const document = vscode.window.activeTextEditor?.document;
    const asked = document?.languageId === 'python' && condition === 'running';
    this.target = asked
      ? await this.server.request<Target>('asyncio-lsp/target', { textDocument: { uri: document.uri.toString() } })
      : undefined;
    this.item.text = failed ? 'asyncio: no server' : this.target ? `asyncio: Python ${this.target.python}` : 'asyncio';
    this.item.detail = failed ? problem : (this.target?.source ?? program?.text ?? '');
  }
}

function said({ python, source }: Target): string {
  return `${python} (${source})`;
}
