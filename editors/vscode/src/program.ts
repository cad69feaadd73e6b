/** Finds what serves: a program of the user's, or the server in the extension on a Python that can run it. */
import { execFile } from 'node:child_process';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { PVSC_EXTENSION_ID, PythonExtension } from '@vscode/python-extension';
import * as vscode from 'vscode';

export const SECTION = 'asyncio-lsp';

/** What is put before the words of a command line of asyncio-lsp; `text` says what it is and who chose it. */
export interface Program {
  command: string;
  args: string[];
  text: string;
}

/** Nothing can serve; the message is one for the user. */
export class NoProgram extends Error {}

/**
 * Isolated from the environment's variables and from its site-packages: the server brings all it needs, and nothing of
 * the workspace shall run in it.
 */
const ISOLATED = ['-I', '-S', '-X', 'utf8'];
const OLDEST = 11;
const ABSENT = 'does not exist';
const ASK =
  'import sys; print(sys.executable); print(*sys.version_info[:3], sep="."); sys.exit(sys.version_info < (3, %)) '.replace(
    '%',
    String(OLDEST),
  );
/** Longer than the slowest Python takes to start, on a disk that has just woken up. */
const PATIENCE = 20_000;

const run = promisify(execFile);

/** A Python that may do: the command, what comes before its arguments, and who chose it. */
type Candidate = readonly [command: string, args: readonly string[], origin: string];

/** `folder` is where the server's packages are. Throws NoProgram when nothing can serve. */
export async function findProgram(folder: string, log: vscode.LogOutputChannel): Promise<Program> {
  const own = setting('path');
  if (own) {
    return ownProgram(own);
  }
  const chosen = setting('interpreter');
  const tried: string[] = [];
  for (const candidate of chosen ? [[chosen, [], `the setting ${SECTION}.interpreter`] as const] : await candidates()) {
    const found = await examine(candidate, folder);
    if (typeof found !== 'string') {
      return found;
    }
    log.info(`${candidate[0]} (${candidate[2]}) ${found}`);
    if (chosen || found !== ABSENT) {
      tried.push(`${candidate[0]} ${found}`);
    }
  }
  throw new NoProgram(
    chosen
      ? `The setting ${SECTION}.interpreter names no Python 3.${OLDEST} or later: ${tried.join('')}.`
      : `Python 3.${OLDEST} or later is needed to run the server, and none was found` +
          `${tried.length ? ` (${tried.join('; ')})` : ''}. Your own code may run on any version: ` +
          `install a newer Python beside it, or name one in the setting ${SECTION}.interpreter.`,
  );
}

async function ownProgram(command: string): Promise<Program> {
  try {
    const { stdout } = await run(command, ['--version'], { timeout: PATIENCE });
    return { command, args: [], text: `${stdout.trim()}, ${command} (the setting ${SECTION}.path)` };
  } catch (error) {
    throw new NoProgram(`The setting ${SECTION}.path names ${command}, which does not run: ${reason(error)}.`);
  }
}

async function candidates(): Promise<Candidate[]> {
  const selected = await selectedInterpreter();
  const windows = process.platform === 'win32';
  const names = ['python3', 'python', ...(windows ? [] : [15, 14, 13, 12, 11].map((minor) => `python3.${minor}`))];
  return [
    ...(selected ? [[selected, [], 'selected in the Python extension'] as const] : []),
    ...names.map((name) => [name, [], 'on the PATH'] as const),
    ...(windows ? [['py', ['-3'], 'on the PATH'] as const] : []),
  ];
}

/** In a workspace that is not trusted its interpreter is code that must not run. */
async function selectedInterpreter(): Promise<string | undefined> {
  if (!vscode.workspace.isTrusted || !vscode.extensions.getExtension(PVSC_EXTENSION_ID)) {
    return undefined;
  }
  try {
    const { environments } = await PythonExtension.api();
    const environment = await environments.resolveEnvironment(environments.getActiveEnvironmentPath(workspaceFolder()));
    return environment?.executable.uri?.fsPath;
  } catch {
    return undefined;
  }
}

/** Calls back when another interpreter is selected in the Python extension. */
export async function onInterpreterSelected(changed: () => void): Promise<vscode.Disposable | undefined> {
  if (!vscode.extensions.getExtension(PVSC_EXTENSION_ID)) {
    return undefined;
  }
  const { environments } = await PythonExtension.api();
  return environments.onDidChangeActiveEnvironmentPath(changed);
}

/** The program, or why this Python does not do. */
async function examine([command, args, origin]: Candidate, folder: string): Promise<Program | string> {
  try {
    // In a folder of ours: Windows looks for programs in the current one first.
    const asked = run(command, [...args, ...ISOLATED, '-c', ASK], { cwd: folder, timeout: PATIENCE });
    const [executable = command, version = '?'] = (await asked).stdout.split(/\r?\n/);
    return { command: executable, args: [...ISOLATED, folder], text: `Python ${version}, ${executable} (${origin})` };
  } catch (error) {
    return reason(error);
  }
}

function reason(error: unknown): string {
  const { code, stdout, message } = error as Partial<Record<'code' | 'stdout' | 'message', unknown>>;
  const version = typeof stdout === 'string' ? stdout.split(/\r?\n/)[1] : undefined;
  if (code === 1 && version) {
    return `is Python ${version}`;
  }
  return code === 'ENOENT' ? ABSENT : `fails (${String(code ?? message)})`;
}

function setting(name: string): string {
  const text = vscode.workspace.getConfiguration(SECTION).get<string>(name, '').trim();
  const folder = workspaceFolder()?.uri.fsPath ?? '';
  return text.replace(/^~(?=[/\\]|$)/, homedir()).replaceAll('${workspaceFolder}', folder);
}

function workspaceFolder(): vscode.WorkspaceFolder | undefined {
  const document = vscode.window.activeTextEditor?.document;
  return (document && vscode.workspace.getWorkspaceFolder(document.uri)) ?? vscode.workspace.workspaceFolders?.[0];
}

export function bundledFolder(extension: vscode.Extension<unknown>): string {
  return join(extension.extensionPath, 'server');
}
