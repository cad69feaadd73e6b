/**
 * The place beside other Python servers.
 *
 * VS Code asks the provider that was registered last first: its part of a hover stands on top, and its parameter hints
 * are the only ones shown. So ours are registered again once the others are there, and the others' hints are put behind
 * ours. A provider for all languages (`*`) comes behind all that name the language, whenever it was registered.
 */
import * as vscode from 'vscode';
import {
  HoverRequest,
  SignatureHelpRequest,
  type LanguageClient,
  type Middleware,
  type Registration,
} from 'vscode-languageclient/node';

import { SECTION } from './program';

const ORDERED: readonly string[] = [HoverRequest.method, SignatureHelpRequest.method];
/** How long after their extensions are active other servers may take to be ready, in milliseconds. */
const LATE = 5_000;
/** The client takes no such token, and its type wants one. */
const NEVER = new vscode.CancellationTokenSource().token;
/** How long our hints wait for those of the others, in milliseconds. */
const SHORT = 250;

export class Beside {
  private readonly first = vscode.workspace.getConfiguration(SECTION).get('order') !== 'last';
  private readonly registered = new Map<string, Registration>();
  private readonly asked = new Set<string>();

  readonly middleware: Pick<
    Middleware,
    'handleRegisterCapability' | 'handleUnregisterCapability' | 'provideSignatureHelp'
  > = {
    handleRegisterCapability: (parameters, next) => {
      const registrations = parameters.registrations.map((each) => this.placed(each));
      for (const each of registrations.filter(({ method }) => ORDERED.includes(method))) {
        this.registered.set(each.id, each);
      }
      return settled(next({ registrations }, NEVER));
    },
    handleUnregisterCapability: (parameters, next) => {
      for (const { id } of parameters.unregisterations) {
        this.registered.delete(id);
      }
      return settled(next(parameters, NEVER));
    },
    provideSignatureHelp: async (document, position, context, token, next) => {
      const place = `${document.uri.toString()} ${position.line} ${position.character}`;
      if (context.triggerKind === vscode.SignatureHelpTriggerKind.Invoke && this.asked.delete(place)) {
        return null; // Our own question to the others.
      }
      const ours = document.languageId === 'python' ? await next(document, position, context, token) : null;
      if (!ours || !this.first || token.isCancellationRequested) {
        return ours;
      }
      this.asked.add(place);
      return joined(ours, await withinShort(askAll(document, position)), context.activeSignatureHelp);
    },
  };

  /** Comes first again when the others are there; `client` is the one that has the middleware. */
  follow(client: LanguageClient, log: vscode.LogOutputChannel): void {
    if (!this.first) {
      return;
    }
    void (async () => {
      const others = await startedOthers();
      for (const delay of others.length ? [0, LATE] : []) {
        await new Promise((resolve) => setTimeout(resolve, delay));
        if (client.isRunning()) {
          this.registerAgain(client);
          log.debug(`registered behind ${others.join(', ')}`);
        }
      }
    })();
  }

  private registerAgain(client: LanguageClient): void {
    for (const { id, method, registerOptions } of this.registered.values()) {
      const feature = client.getFeature(method as typeof HoverRequest.method);
      feature.unregister(id);
      feature.register({ id, registerOptions: registerOptions as never });
    }
  }

  private placed(registration: Registration): Registration {
    if (this.first || !ORDERED.includes(registration.method)) {
      return registration;
    }
    const options = registration.registerOptions as object;
    return { ...registration, registerOptions: { ...options, documentSelector: [{ language: '*' }] } };
  }
}

/** The client's handler may throw at once or later. */
async function settled(work: unknown): Promise<void> {
  await work;
}

/** Waits for the extensions that are activated by Python files, once there is such a file; gives their names. */
async function startedOthers(): Promise<string[]> {
  await pythonFile();
  const others = vscode.extensions.all.filter(({ id, packageJSON }) => {
    const { activationEvents = [] } = packageJSON as { activationEvents?: string[] };
    return activationEvents.includes('onLanguage:python') && !id.endsWith(`.${SECTION}`);
  });
  await Promise.allSettled(others.map((other) => other.activate()));
  return others.map(({ id }) => id);
}

function pythonFile(): Promise<void> {
  const isPython = ({ languageId }: vscode.TextDocument): boolean => languageId === 'python';
  return new Promise((resolve) => {
    if (vscode.workspace.textDocuments.some(isPython)) {
      resolve();
      return;
    }
    const listener = vscode.workspace.onDidOpenTextDocument((document) => {
      if (isPython(document)) {
        listener.dispose();
        resolve();
      }
    });
  });
}

function askAll(
  document: vscode.TextDocument,
  position: vscode.Position,
): Thenable<vscode.SignatureHelp | null | undefined> {
  return vscode.commands.executeCommand('vscode.executeSignatureHelpProvider', document.uri, position);
}

async function withinShort<T>(answer: Thenable<T>): Promise<T | undefined> {
  const late = new Promise<undefined>((resolve) => {
    setTimeout(() => {
      resolve(undefined);
    }, SHORT);
  });
  return Promise.race([Promise.resolve(answer).catch(() => undefined), late]);
}

/** Ours first; the signature that the user has turned to stays. */
function joined(
  ours: vscode.SignatureHelp,
  theirs: vscode.SignatureHelp | null | undefined,
  shown: vscode.SignatureHelp | undefined,
): vscode.SignatureHelp {
  for (const signature of theirs?.signatures ?? []) {
    signature.activeParameter ??= theirs?.activeParameter;
    ours.signatures.push(signature);
  }
  const active = shown?.signatures[shown.activeSignature]?.label;
  ours.activeSignature = Math.max(
    ours.signatures.findIndex(({ label }) => label === active),
    0,
  );
  return ours;
}
