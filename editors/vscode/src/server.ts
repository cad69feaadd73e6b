/** The server's life: found, started, restarted when what decides about it changes, and asked. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import * as vscode from 'vscode';
import { LanguageClient, RevealOutputChannelOn, State, TransportKind } from 'vscode-languageclient/node';

import { Beside } from './beside';
import { linked } from './links';
import { bundledFolder, findProgram, NoProgram, onInterpreterSelected, SECTION, type Program } from './program';

export type Condition = 'starting' | 'running' | 'stopped';

export class Server implements vscode.Disposable {
  condition: Condition = 'stopped';
  program: Program | undefined;
  problem = '';
  private readonly changed = new vscode.EventEmitter<void>();
  /** Fires when the condition has changed. */
  readonly onDidChange = this.changed.event;
  private readonly own: { dispose(): unknown }[] = [];
  private readonly folder: string;
  private readonly clientSettings: string[];
  private client: LanguageClient | undefined;
  private work: Promise<void> = Promise.resolve();

  constructor(
    extension: vscode.Extension<unknown>,
    private readonly log: vscode.LogOutputChannel,
  ) {
    this.folder = bundledFolder(extension);
    this.clientSettings = settingsOfClient(extension);
    this.own.push(
      this.changed,
      vscode.workspace.onDidGrantWorkspaceTrust(() => this.restart()),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (['path', 'interpreter', 'order'].some((name) => event.affectsConfiguration(`${SECTION}.${name}`))) {
          void this.restart();
        }
      }),
    );
    onInterpreterSelected(() => void this.followInterpreter()).then(
      (listener) => listener && this.own.push(listener),
      (error: unknown) => {
        log.warn(`the Python extension does not answer: ${String(error)}`);
      },
    );
  }

  /** Starts the server, instead of the one that runs; one such wish is fulfilled after the other. */
  restart(): Promise<void> {
    return this.queue(async () => {
      await this.end();
      await this.begin();
    });
  }

  stop(): Promise<void> {
    return this.queue(() => this.end());
  }

  /** Resolves when what has been wished is done. */
  settled(): Promise<void> {
    return this.work;
  }

  dispose(): void {
    vscode.Disposable.from(...this.own).dispose();
  }

  /** What a command line of asyncio-lsp prints, run in `folder`; it throws when there is nothing to print. */
  async ask(words: string[], folder: string | undefined): Promise<string> {
    await this.work;
    if (!this.program) {
      throw new NoProgram(this.problem);
    }
    const { command, args } = this.program;
    const options = { cwd: folder, maxBuffer: 1 << 26, windowsHide: true };
    return (await promisify(execFile)(command, [...args, ...words], options)).stdout;
  }

  /** The answer of the running server to a request of its own kind, undefined where it knows none. */
  async request<T>(method: string, parameters: object): Promise<T | undefined> {
    await this.work;
    return this.client?.sendRequest<T>(method, parameters).catch(() => undefined);
  }

  private async begin(): Promise<void> {
    this.become('starting');
    try {
      this.program = await findProgram(this.folder, this.log);
      this.log.info(`starting: ${this.program.text}`);
      this.client = this.makeClient(this.program);
      await this.client.start();
      this.become('running');
    } catch (error) {
      this.client = undefined;
      this.become('stopped', error instanceof Error ? error.message : String(error));
      this.log.error(this.problem);
      void this.complain(error instanceof NoProgram);
    }
  }

  private async end(): Promise<void> {
    const client = this.client;
    this.client = this.program = undefined;
    try {
      await client?.dispose();
    } catch (error) {
      this.log.warn(`the server did not stop: ${String(error)}`);
    }
    this.become('stopped');
  }

  private become(condition: Condition, problem = ''): void {
    this.condition = condition;
    this.problem = problem;
    this.changed.fire();
  }

  private makeClient({ command, args }: Program): LanguageClient {
    const beside = new Beside();
    const client = new LanguageClient(
      SECTION,
      'Asyncio',
      // Not in the workspace, so that nothing of it is found first.
      { command, args: [...args, 'serve'], transport: TransportKind.stdio, options: { cwd: this.folder } },
      {
        documentSelector: ['file', 'untitled', 'vscode-vfs', 'vscode-notebook-cell'].map((scheme) => ({
          scheme,
          language: 'python',
        })),
        outputChannel: this.log,
        revealOutputChannelOn: RevealOutputChannelOn.Never,
        initializationFailedHandler: () => false,
        markdown: { isTrusted: { enabledCommands: [`${SECTION}.openPage`] } },
        middleware: {
          ...beside.middleware,
          provideHover: async (document, position, token, next) => linked(await next(document, position, token)),
          workspace: {
            configuration: async (parameters, token, next) => {
              const answers = await next(parameters, token);
              return Array.isArray(answers) ? answers.map((answer: unknown) => this.ofServer(answer)) : answers;
            },
          },
        },
      },
    );
    client.onDidChangeState(({ newState }) => {
      if (newState === State.Stopped && this.client === client && this.condition === 'running') {
        this.become('stopped', 'The server has stopped; the log says why.');
      } else if (newState === State.Running && this.condition === 'stopped') {
        this.become('running');
      }
    });
    beside.follow(client, this.log);
    return client;
  }

  /** The settings without those that only the extension knows. */
  private ofServer(settings: unknown): unknown {
    if (typeof settings !== 'object' || settings === null) {
      return settings;
    }
    return Object.fromEntries(Object.entries(settings).filter(([name]) => !this.clientSettings.includes(name)));
  }

  /** Restarts where another program would be found now. */
  private followInterpreter(): Promise<void> {
    return this.queue(async () => {
      const found = await findProgram(this.folder, this.log).catch(() => undefined);
      if (found?.command !== this.program?.command) {
        this.log.info('another interpreter is selected');
        await this.end();
        await this.begin();
      }
    });
  }

  private queue(work: () => Promise<void>): Promise<void> {
    this.work = this.work.then(work);
    return this.work;
  }

  private async complain(noProgram: boolean): Promise<void> {
    const select = 'Select interpreter';
    const settings = 'Open settings';
    const download = 'Get Python';
    const commands = await vscode.commands.getCommands(true);
    const choices = noProgram
      ? [...(commands.includes('python.setInterpreter') ? [select] : []), settings, download]
      : [settings];
    const choice = await vscode.window.showErrorMessage(`Asyncio: ${this.problem}`, ...choices, 'Show log');
    switch (choice) {
      case select:
        return vscode.commands.executeCommand('python.setInterpreter');
      case settings:
        return vscode.commands.executeCommand('workbench.action.openSettings', `${SECTION}.interpreter`);
      case download:
        await vscode.env.openExternal(vscode.Uri.parse('https://www.python.org/downloads/'));
        return;
      case 'Show log':
        this.log.show();
    }
  }
}

/** Names, without the section, of the settings that are none of the server's: the second group of the manifest. */
function settingsOfClient(extension: vscode.Extension<unknown>): string[] {
  const manifest = extension.packageJSON as { contributes: { configuration: { properties: object }[] } };
  const properties = manifest.contributes.configuration[1]?.properties ?? {};
  return Object.keys(properties).map((name) => name.slice(SECTION.length + 1));
}
