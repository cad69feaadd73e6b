/** What the server names for the terminal becomes a link in the editor. */
import * as vscode from 'vscode';

/** Makes `more` at the end of a hover open the page that it names. */
export function linked(hover: vscode.Hover | null | undefined): vscode.Hover | null | undefined {
  for (const content of hover?.contents ?? []) {
    if (content instanceof vscode.MarkdownString) {
      content.value = content.value.replace(
        /more: `asyncio-lsp show ([\w.-]+)`/,
        (_, name: string) => `[more](command:asyncio-lsp.openPage?${encodeURIComponent(JSON.stringify([name]))})`,
      );
    }
  }
  return hover;
}
