const PATIENCE = 120_000;
const STEP = 50;

/** Whether tmux is here; in CI its absence is an error. */
export function hasTmux(): boolean {
  try {
    return new Deno.Command("tmux", { args: ["-V"] }).outputSync().success;
  } catch {
    if (Deno.env.get("CI")) throw new Error("CI needs tmux: apt-get install tmux");
    console.error("No tmux found: the tests of the terminal are left out.");
    return false;
  }
}

/** A terminal of 80 columns in which one command runs; `[exit N]` follows what it says. */
export class Terminal {
  readonly #socket = `postlark-${crypto.randomUUID()}`;

  /** Starts a command with nothing but these variables. */
  static async open(command: string[], env: Record<string, string>): Promise<Terminal> {
    const terminal = new Terminal();
    const quoted = command.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
    // Ctrl-C is for the command alone.
    const script = `trap : INT; ${quoted}; echo "[exit $?]"; cat >/dev/null`;
    const size = ["-x", "80", "-y", "40"];
    await terminal.#tmux(
      ["-f", "/dev/null", "new-session", "-d", ...size, "sh", "-c", script],
      env,
    );
    return terminal;
  }

  /** What is to be seen; `styled`: with the codes of its colours. */
  async screen({ styled = false } = {}): Promise<string> {
    const flags = styled ? ["-p", "-e"] : ["-p", "-J"];
    return await this.#tmux(["capture-pane", ...flags, "-S", "-"]);
  }

  /** Presses keys, named as tmux names them. */
  async press(...keys: string[]): Promise<void> {
    await this.#tmux(["send-keys", ...keys]);
  }

  /** Waits until the screen shows something; gives what it found. */
  async until(pattern: RegExp): Promise<RegExpExecArray> {
    let seen = "";
    for (
      const end = Date.now() + PATIENCE;
      Date.now() < end;
      await new Promise((go) => setTimeout(go, STEP))
    ) {
      seen = await this.screen();
      const found = pattern.exec(seen);
      if (found) return found;
    }
    throw new Error(`${pattern} does not appear in:\n${seen}`);
  }

  async close(): Promise<void> {
    await this.#tmux(["kill-server"]);
  }

  async #tmux(args: string[], env: Record<string, string> = {}): Promise<string> {
    const { success, stdout, stderr } = await new Deno.Command("tmux", {
      args: ["-L", this.#socket, ...args],
      env: { PATH: Deno.env.get("PATH")!, LC_ALL: "C.UTF-8", ...env },
      clearEnv: true,
    }).output();
    if (!success) throw new Error(new TextDecoder().decode(stderr));
    return new TextDecoder().decode(stdout);
  }
}
