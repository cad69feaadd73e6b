/** Real VS Code, as code-server in Chromium: started on an empty profile, and used with mouse and keyboard. */
import assert from 'node:assert/strict';
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { chromium, type BrowserContext, type Locator, type Page } from 'playwright-core';

const HERE = import.meta.dirname;
export const HOME = process.env.VSCODE_TEST_HOME ?? '/tmp/vsc';
const CODE_SERVER = join(HOME, 'code-server/node_modules/code-server');
const CHROMIUM = process.env.CHROMIUM ?? join(HOME, 'chromium/chromium');
const SCREENSHOTS = process.env.SCREENSHOTS ?? join(HOME, 'screenshots');
const PATIENCE = 30_000;

/** The vsix of the extension. */
export const VSIX = join(
  HERE,
  '..',
  readdirSync(join(HERE, '..')).find((name) => name.endsWith('.vsix')) ?? 'npm-run-package-makes-it.vsix',
);

export interface Options {
  /** Settings of the user, beside those that keep the editor quiet. */
  settings?: Record<string, unknown>;
  /** Settings of the workspace. */
  workspace?: Record<string, unknown>;
  /** The programs that the editor finds. */
  path?: string;
  /** Other extensions: folders below extensions/. */
  extensions?: string[];
  /** Ask whether the workspace is trusted, which by default it is. */
  trust?: boolean;
}

export class Editor {
  readonly folder: string;
  private readonly root: string;
  private readonly options: Options;
  private server!: ChildProcess;
  private browser!: BrowserContext;
  private address = '';
  private current = '';
  private copies = 0;
  page!: Page;

  private constructor(options: Options) {
    this.options = options;
    this.root = mkdtempSync(join(tmpdir(), 'asyncio-lsp-'));
    this.folder = join(this.root, 'shop');
    cpSync(join(HERE, 'project'), this.folder, { recursive: true });
  }

  /** Starts the editor with the extension; the project is a copy of project/. */
  static async start(options: Options = {}): Promise<Editor> {
    const editor = new Editor(options);
    try {
      await editor.launch();
    } catch (error) {
      await editor.close();
      throw error;
    }
    return editor;
  }

  private async launch(): Promise<void> {
    write(join(this.root, 'data/User/settings.json'), { ...QUIET, ...this.options.settings });
    if (this.options.workspace) {
      write(join(this.folder, '.vscode/settings.json'), this.options.workspace);
    }
    const folders = ['--user-data-dir', join(this.root, 'data'), '--extensions-dir', join(this.root, 'extensions')];
    const others = (this.options.extensions ?? []).map((name) => join(HOME, 'extensions', `${name}.vsix`));
    const installs = [VSIX, ...others].flatMap((vsix) => ['--install-extension', vsix]);
    execFileSync(process.execPath, [CODE_SERVER, ...folders, ...installs], { stdio: 'pipe', env: this.environment() });
    const port = await freePort();
    this.server = spawn(
      process.execPath,
      // prettier-ignore
      [CODE_SERVER, ...folders, '--bind-addr', `127.0.0.1:${port}`, '--auth', 'none', '--disable-telemetry',
        '--disable-update-check', ...(this.options.trust ? [] : ['--disable-workspace-trust']), this.folder],
      { stdio: 'ignore', env: this.environment() },
    );
    this.browser = await chromium.launchPersistentContext(join(this.root, 'browser'), {
      executablePath: CHROMIUM,
      viewport: { width: 1000, height: 620 },
      // prettier-ignore
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
        '--disable-component-update', '--disable-sync'],
    });
    this.page = this.browser.pages()[0] ?? (await this.browser.newPage());
    this.page.setDefaultTimeout(PATIENCE);
    this.address = `http://127.0.0.1:${port}`;
    await until(() => fetch(this.address).then(({ ok }) => ok), 'code-server to answer');
  }

  /** Nothing of the user's; the programs that are found are those of the system, unless the options say others. */
  private environment(): Record<string, string> {
    const path = this.options.path ?? process.env.PATH ?? '';
    // VSCODE_CLI: take the PATH from here, and not from a shell of the user's.
    return { HOME: this.root, LANG: 'C.UTF-8', PATH: path, VSCODE_CLI: '1', VSCODE_TEST_HOME: HOME };
  }

  async close(): Promise<void> {
    await this.browser?.close();
    if (this.server) {
      const ended = new Promise((resolve) => this.server.once('exit', resolve));
      this.server.kill();
      await ended;
    }
    // Language servers take a moment to see that nobody is there, and some write caches.
    rmSync(this.root, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 });
  }

  /** Changes the settings of the workspace, which the editor follows at once. */
  set(settings: Record<string, unknown>): void {
    write(join(this.folder, '.vscode/settings.json'), settings);
  }

  /** Closes what the last test left open, and opens a file of the project as it was. */
  async reset(file = 'prices.py'): Promise<void> {
    await this.press('Escape', 'Escape');
    await this.page.mouse.move(980, 600);
    await this.command('View: Revert and Close Editor');
    await this.command('View: Close All Editors');
    await this.command('Notifications: Clear All Notifications');
    this.current = join(this.folder, String(++this.copies), file);
    cpSync(join(HERE, 'project', file), this.current);
    await this.press('Control+p');
    await this.page.locator('.quick-input-widget input').first().fill(this.current);
    await this.page.locator('.quick-input-widget .monaco-list-row', { hasText: file }).first().click();
    await this.shows(this.current);
  }

  /** Opens a file of the project in a new window; gives the moment at which its text was there. */
  async open(file: string): Promise<number> {
    this.current = join(this.folder, file);
    const payload = [['openFile', `vscode-remote://${new URL(this.address).host}${this.current}`]];
    const query = `folder=${encodeURIComponent(this.folder)}&payload=${encodeURIComponent(JSON.stringify(payload))}`;
    await this.page.goto(`${this.address}/?${query}`, { waitUntil: 'domcontentloaded' });
    await this.shows(this.current);
    const opened = Date.now();
    if (await this.page.locator('.part.sidebar').isVisible()) {
      await this.press('Control+b');
    }
    return opened;
  }

  private async shows(path: string): Promise<void> {
    const first = readFileSync(path, 'utf8').split('\n')[0] ?? '';
    await until(async () => (await this.lines())[0] === first, `the text of ${path}`);
  }

  /** The lines that the editor shows. */
  lines(): Promise<string[]> {
    return this.page.evaluate(() =>
      [...document.querySelectorAll('.monaco-editor .view-lines .view-line')]
        .sort((a, b) => a.getBoundingClientRect().top - b.getBoundingClientRect().top)
        .map((line) => (line.textContent ?? '').replaceAll('\u00a0', ' ')),
    );
  }

  /** Where a word is on the screen: its centre. `line` is a part of the text of its line. */
  async place(word: string, line = word): Promise<{ x: number; y: number }> {
    const found = await this.page.evaluate(
      ([word, part]) => {
        for (const line of document.querySelectorAll('.monaco-editor .view-lines .view-line')) {
          const text = (line.textContent ?? '').replaceAll('\u00a0', ' ');
          if (!text.includes(part)) continue;
          let offset = text.indexOf(part) + Math.max(part.indexOf(word), 0);
          const walker = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
          for (let node; (node = walker.nextNode() as Text | null); offset -= node.data.length) {
            if (offset < node.data.length) {
              const range = document.createRange();
              range.setStart(node, offset);
              range.setEnd(node, Math.min(offset + word.length, node.data.length));
              const box = range.getBoundingClientRect();
              return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
            }
          }
        }
        return null;
      },
      [word, line] as const,
    );
    assert(found, `${word} is not on the screen`);
    return found;
  }

  /** Rests the mouse on a word until a hover with `text` is there. */
  async hover(word: string, text: string | RegExp, line = word): Promise<Locator> {
    const hover = this.page.locator('.monaco-hover:not(.hidden)', { hasText: text }).first();
    await until(
      async () => {
        await this.page.mouse.move(980, 600);
        const { x, y } = await this.place(word, line);
        await this.page.mouse.move(x - 2, y);
        await this.page.mouse.move(x, y);
        return hover.waitFor({ timeout: 2_000 }).then(
          () => true,
          () => false,
        );
      },
      `a hover on ${word} with ${String(text)}`,
    );
    return hover;
  }

  /** Rests the mouse on a word until no hover comes any more. */
  async noHover(word: string): Promise<void> {
    await until(async () => {
      await this.leave();
      const { x, y } = await this.place(word);
      await this.page.mouse.move(x - 2, y);
      await this.page.mouse.move(x, y);
      await this.page.waitForTimeout(1_000);
      return (await this.page.locator('.monaco-hover:not(.hidden)').count()) === 0;
    }, `no hover on ${word}`);
  }

  async leave(): Promise<void> {
    await this.page.mouse.move(980, 600);
    await this.page.keyboard.press('Escape');
  }

  /** Puts the cursor at the end of the line with this text. */
  async endOf(line: string): Promise<void> {
    const { x, y } = await this.place(line);
    await this.page.mouse.click(x, y);
    await this.page.keyboard.press('End');
  }

  type(text: string): Promise<void> {
    return this.page.keyboard.type(text, { delay: 40 });
  }

  press(...keys: string[]): Promise<void> {
    return keys.reduce((before, key) => before.then(() => this.page.keyboard.press(key)), Promise.resolve());
  }

  /** Runs a command by its title. */
  async command(title: string): Promise<void> {
    await this.press('F1');
    const input = this.page.locator('.quick-input-widget input').first();
    await input.fill(`>${title}`);
    await this.page.locator('.quick-input-widget .monaco-list-row', { hasText: title }).first().click();
  }

  /** The parameter hints, once they contain `text`. */
  async hints(text: string): Promise<Locator> {
    const hints = this.page.locator('.parameter-hints-widget.visible', { hasText: text });
    await hints.waitFor();
    return hints;
  }

  /** The row of the completion list that contains `text`. */
  async offer(text: string): Promise<Locator> {
    const row = this.page.locator('.suggest-widget .monaco-list-row', { hasText: text }).first();
    await row.waitFor();
    return row;
  }

  /** The suggestion of the lightbulb that contains `text`. */
  async action(text: string): Promise<Locator> {
    const row = this.page.locator('.action-widget .monaco-list-row', { hasText: text }).first();
    await row.waitFor();
    return row;
  }

  /** Waits for a wavy line in the text. */
  async squiggle(severity: 'error' | 'warning' | 'info'): Promise<void> {
    await this.page.locator(`.squiggly-${severity}`).first().waitFor();
  }

  /** Turns the mouse wheel over a list until a row is in it. */
  async wheelTo(row: Locator): Promise<void> {
    await until(async () => {
      await this.page.mouse.move(500, 300);
      await this.page.mouse.wheel(0, 120);
      return (await row.count()) > 0;
    }, 'a row of the list');
  }

  /** Types into the list of choices that is open, and takes the first one that contains `text`. */
  async pick(typed: string, text: string): Promise<void> {
    const input = this.page.locator('.quick-input-widget input').first();
    await this.page.locator('.quick-input-widget .monaco-list-row').first().waitFor();
    await input.fill(typed);
    await this.page.locator('.quick-input-widget .monaco-list-row', { hasText: text }).first().click();
  }

  /** Waits for text in the panel at the bottom. */
  async panel(text: RegExp): Promise<void> {
    const panel = this.page.locator('.part.panel');
    await until(
      async () => text.test((await panel.innerText()).replaceAll('\u00a0', ' ')),
      `${String(text)} in the panel`,
    );
  }

  notification(text: string | RegExp): Locator {
    return this.page.locator('.notification-toast', { hasText: text }).first();
  }

  /** The document in the frame of a Markdown preview that contains `text`. */
  async preview(text: string): Promise<string> {
    let found = '';
    await until(async () => {
      for (const frame of this.page.frames()) {
        const shown = await frame.evaluate(() => document.body.innerText).catch(() => '');
        if (frame.parentFrame() && shown.includes(text)) {
          found = shown;
        }
      }
      return found !== '';
    }, `a preview with ${text}`);
    return found;
  }

  /** What the file contains when it has been saved. */
  async saved(): Promise<string> {
    await this.press('Control+s');
    await this.page.locator('.tab.dirty').waitFor({ state: 'detached' });
    return readFileSync(this.current, 'utf8');
  }

  /** Takes a picture for people to look at; README and walkthrough show some of them. */
  async picture(name: string): Promise<void> {
    mkdirSync(SCREENSHOTS, { recursive: true });
    await this.page.waitForTimeout(300); // Until fading is over.
    await this.page.screenshot({ path: join(SCREENSHOTS, `${name}.png`) });
  }
}

/** No advice, no welcome, nothing that needs a network, and a hover that comes at once. */
const QUIET = {
  'breadcrumbs.enabled': false,
  'editor.hover.delay': 100,
  'editor.minimap.enabled': false,
  'extensions.autoCheckUpdates': false,
  'extensions.ignoreRecommendations': true,
  'files.autoSave': 'off',
  'git.enabled': false,
  'telemetry.telemetryLevel': 'off',
  'window.commandCenter': false,
  'workbench.activityBar.location': 'hidden',
  'workbench.layoutControl.enabled': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.sideBar.location': 'right',
  'workbench.startupEditor': 'none',
  'workbench.colorTheme': 'Default Light Modern',
  'workbench.tips.enabled': false,
};

function write(path: string, content: object): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, JSON.stringify(content));
}

export async function until(done: () => Promise<boolean>, what: string): Promise<void> {
  const deadline = Date.now() + PATIENCE;
  while (!(await done().catch(() => false))) {
    assert(Date.now() < deadline, `waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

assert(existsSync(VSIX), `${VSIX}: npm run package makes it`);
