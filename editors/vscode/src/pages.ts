/** The reference as pages: what the server's command line prints, as Markdown previews. */
import * as vscode from 'vscode';

import { SECTION } from './program';
import type { Server } from './server';

/** What is used of an entry in `asyncio-lsp list --json`. */
interface Entry {
  name: string;
  kind: string;
  summary: string;
  since: string | null;
  deprecated: string | null;
  removed: string | null;
  see: string[];
}

interface Choice extends vscode.QuickPickItem {
  name?: string;
}

const PAGE = /^\/(?<kind>reference|changes)\/(?<words>\w[\w. -]*)\.md$/;
const ICONS = [
  ['method', 'symbol-method'],
  ['function', 'symbol-function'],
  ['class', 'symbol-class'],
  ['exception', 'symbol-class'],
  ['property', 'symbol-property'],
  ['constant', 'symbol-constant'],
] as const;

export class Pages implements vscode.Disposable, vscode.TextDocumentContentProvider {
  private readonly own: vscode.Disposable;
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.changed.event;

  constructor(
    private readonly server: Server,
    private readonly extension: vscode.Extension<unknown>,
  ) {
    this.own = vscode.Disposable.from(
      this.changed,
      vscode.workspace.registerTextDocumentContentProvider(SECTION, this),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration(`${SECTION}.python`)) {
          this.refresh();
        }
      }),
    );
  }

  dispose(): void {
    this.own.dispose();
  }

  /** Gives the text of `asyncio-lsp:/reference/NAME.md` or `asyncio-lsp:/changes/OLD to NEW.md`, for the project in the query. */
  async provideTextDocumentContent({ path, query }: vscode.Uri): Promise<string> {
    const { kind, words } = PAGE.exec(path)?.groups ?? {};
    if (!words) {
      throw new Error(`There is no page ${path}`);
    }
    const asked = kind === 'changes' ? ['diff', ...words.split(' to ')] : ['show', words, ...this.python()];
    return this.server.ask(asked, query || undefined);
  }

  async openReference(): Promise<void> {
    const chosen = await vscode.window.showQuickPick(this.choices(), {
      placeHolder: 'A name of asyncio, a topic, or words of what it does',
      matchOnDescription: true,
      matchOnDetail: true,
    });
    if (chosen?.name) {
      await this.open('reference', chosen.name, 'markdown.showPreview');
    }
  }

  /** Opens the page of an entry or a topic beside the code. */
  async openEntry(name: string): Promise<void> {
    await this.open('reference', name, 'markdown.showPreviewToSide');
  }

  async openChanges(): Promise<void> {
    const versions = this.documentedPythons();
    const older = await vscode.window.showQuickPick(versions.slice(0, -1), { placeHolder: 'From Python' });
    const newer =
      older &&
      (await vscode.window.showQuickPick(versions.slice(versions.indexOf(older) + 1).reverse(), {
        placeHolder: `From Python ${older} to`,
      }));
    if (newer) {
      await this.open('changes', `${older} to ${newer}`, 'markdown.showPreview');
    }
  }

  private async open(kind: string, words: string, command: string): Promise<void> {
    const folder = this.folder();
    const uri = vscode.Uri.from({ scheme: SECTION, path: `/${kind}/${words}.md`, query: folder ?? '' });
    try {
      await vscode.workspace.openTextDocument(uri);
      await vscode.commands.executeCommand(command, uri);
    } catch (error) {
      await vscode.window.showErrorMessage(`Asyncio: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  private refresh(): void {
    for (const { uri } of vscode.workspace.textDocuments.filter(({ uri: { scheme } }) => scheme === SECTION)) {
      this.changed.fire(uri);
    }
  }

  private async choices(): Promise<Choice[]> {
    const entries = JSON.parse(await this.server.ask(['list', '--json'], this.folder())) as Entry[];
    const names = new Set(entries.map(({ name }) => name));
    // What entries refer to and is none of them is a topic.
    const topics = [...new Set(entries.flatMap(({ see }) => see))].filter((name) => !names.has(name)).sort();
    return [
      { label: 'Topics', kind: vscode.QuickPickItemKind.Separator },
      ...topics.map((name) => ({ label: `$(book) ${title(name)}`, name })),
      { label: 'Names', kind: vscode.QuickPickItemKind.Separator },
      ...entries.map((entry) => ({
        label: `$(${icon(entry.kind)}) ${entry.name}`,
        description: life(entry),
        detail: entry.summary,
        name: entry.name,
      })),
    ];
  }

  private documentedPythons(): string[] {
    const { documentedPythons } = this.extension.packageJSON as {
      documentedPythons: Record<'oldest' | 'newest', string>;
    };
    const [oldest, newest] = [documentedPythons.oldest, documentedPythons.newest].map((text) =>
      Number(text.slice(2)),
    ) as [number, number];
    return Array.from({ length: newest - oldest + 1 }, (_, index) => `3.${oldest + index}`);
  }

  private python(): string[] {
    const text = vscode.workspace.getConfiguration(SECTION).get<string>('python', '').trim();
    return text ? ['--python', text] : [];
  }

  /** Where the project decides about the Python versions: the folder of the active file, else that of the workspace. */
  private folder(): string | undefined {
    const uri = vscode.window.activeTextEditor?.document.uri;
    if (uri?.scheme === 'file') {
      return vscode.Uri.joinPath(uri, '..').fsPath;
    }
    return vscode.workspace.workspaceFolders?.find((folder) => folder.uri.scheme === 'file')?.uri.fsPath;
  }
}

function title(slug: string): string {
  return (slug.charAt(0).toUpperCase() + slug.slice(1)).replaceAll('-', ' ');
}

function icon(kind: string): string {
  return ICONS.find(([word]) => kind.includes(word))?.[1] ?? 'symbol-namespace';
}

function life({ since, deprecated, removed }: Entry): string {
  return [
    since ? `since ${since}` : '',
    deprecated ? `deprecated since ${deprecated}` : '',
    removed ? `removed in ${removed}` : '',
  ]
    .filter(Boolean)
    .join(', ');
}
