/** Installing with the user watching, and messages whose buttons do what they say. */
import * as vscode from 'vscode';
import type { Connection, Failure } from './connection';
import { InstallError, type PrivateEnvironment, type Problem } from './install';

const l10n = vscode.l10n;

export class Setup {
  #going: Promise<boolean> | undefined;

  constructor(
    private readonly connection: Connection,
    private readonly environment: PrivateEnvironment,
    private readonly log: vscode.LogOutputChannel,
  ) {
    connection.onDidFail((failure) => void this.#offerHelp(failure));
  }

  /** Installs and starts the server, with progress. False if that did not work; the user knows. */
  install(anew = false): Promise<boolean> {
    this.#going ??= this.#install(anew).finally(() => {
      this.#going = undefined;
    });
    return this.#going;
  }

  async #install(anew: boolean): Promise<boolean> {
    await this.connection.stop();
    this.connection.installing(true);
    try {
      await this.#withProgress(anew);
    } catch (error) {
      this.connection.installing(false);
      void this.connection.client(); // the one that was there before, if any
      if (!(error instanceof InstallError)) throw error;
      this.log.error(`Not installed (${error.problem}): ${error.message}`);
      if (error.problem !== 'cancelled') void this.#explain(error.problem, error.message, anew);
      return false;
    }
    this.connection.installing(false);
    return (await this.connection.client()) !== undefined;
  }

  async #withProgress(anew: boolean): Promise<void> {
    const title = l10n.t('Setting up Code Search');
    const location = vscode.ProgressLocation.Notification;
    await vscode.window.withProgress({ location, title, cancellable: true }, async (progress, token) => {
      progress.report({ message: l10n.t('making a private Python environment…') });
      await this.environment.install((message) => {
        progress.report({ message });
      }, token, anew);
    });
  }

  async #explain(problem: Problem, detail: string, anew: boolean): Promise<void> {
    const python: Button = [l10n.t('Choose Python…'), () => this.#choosePython(anew)];
    const again: Button = [l10n.t('Try Again'), () => this.install(anew)];
    const wheels: Button = [l10n.t('Use a Wheel Folder…'), () => this.#chooseWheels(anew)];
    const proxy: Button = [l10n.t('Proxy Settings'), () => openSettings('http.proxy')];
    const texts: Record<Problem, [string, Button[]]> = {
      python: [l10n.t('Code Search needs Python 3.11 to 3.13 (or uv), and found none. Install one, then try again.'), [again, python]],
      venv: [l10n.t('This Python cannot make virtual environments. On Debian and Ubuntu, install the package python3-venv; or choose another Python.'), [again, python]],
      network: [l10n.t('The package index could not be reached. Check the network and the proxy, or install from a folder of wheels.'), [again, wheels, proxy]],
      disk: [l10n.t('The disk is full: the server needs about three gigabytes.'), [again]],
      wheel: [l10n.t('This build of the extension does not contain the server. Set the server\'s command.'), [[l10n.t('Open Settings'), () => openSettings('codesearch.server.command')]]],
      other: [l10n.t('The server could not be installed: {0}', detail), [again, python]],
    };
    const [text, buttons] = texts[problem];
    await this.#ask(text, buttons);
  }

  /** Repairing helps with what we installed ourselves; elsewhere the user decides what is started. */
  async #offerHelp({ text, from }: Failure): Promise<void> {
    const others: Record<Failure['from'], Button> = {
      private: [l10n.t('Repair'), () => this.install(true)],
      workspace: [l10n.t('Set Up'), () => this.install()],
      setting: [l10n.t('Open Settings'), () => openSettings('codesearch.server.command')],
    };
    await this.#ask(text, [[l10n.t('Restart'), () => this.connection.restart()], others[from]]);
  }

  async #ask(text: string, buttons: readonly Button[]): Promise<void> {
    const log: Button = [l10n.t('Show Log'), () => vscode.commands.executeCommand('codesearch.log')];
    const all = [...buttons, log];
    const chosen = await vscode.window.showErrorMessage(text, ...all.map(([title]) => title));
    await all.find(([title]) => title === chosen)?.[1]();
  }

  async #choosePython(anew: boolean): Promise<void> {
    const files = await vscode.window.showOpenDialog({ title: l10n.t('A Python, 3.11 to 3.13') });
    if (files?.[0]) await this.#setAndInstall('server.python', files[0].fsPath, anew);
  }

  async #chooseWheels(anew: boolean): Promise<void> {
    const folders = await vscode.window.showOpenDialog({
      title: l10n.t('A folder with wheels'), canSelectFiles: false, canSelectFolders: true,
    });
    if (folders?.[0]) await this.#setAndInstall('server.wheels', folders[0].fsPath, anew);
  }

  async #setAndInstall(name: string, value: string, anew: boolean): Promise<void> {
    const settings = vscode.workspace.getConfiguration('codesearch');
    await settings.update(name, value, vscode.ConfigurationTarget.Global);
    await this.install(anew);
  }
}

type Button = [title: string, act: () => unknown];

/** In a remote window, settings of a machine are not among the user's. */
const openSettings = (query: string): Thenable<unknown> =>
  vscode.commands.executeCommand(`workbench.action.open${vscode.env.remoteName ? 'Remote' : ''}Settings`, { query });
