import type { Deps } from "../../lib/ctx.ts";
import { restoreBackup, writeBackup } from "../../lib/operator/backup.ts";
import { findAccount } from "../../lib/account/accounts.ts";
import { importArchive } from "../../lib/operator/import.ts";
import type { Result } from "./_command.ts";

/** Backs the store up to a file, which appears only once it is whole. */
export async function backup(deps: Deps, file: string): Promise<Result> {
  const toStdout = file === "-";
  const partial = toStdout ? await Deno.makeTempFile() : `${file}.partial`;
  try {
    const report = await writeBackup(deps, async () => {
      const options = { write: true, create: true, truncate: true, mode: 0o600 };
      return (await Deno.open(partial, options)).writable;
    });
    if (toStdout) {
      const { readable } = await Deno.open(partial);
      await readable.pipeTo(Deno.stdout.writable, { preventClose: true });
    } else {
      await Deno.rename(partial, file);
    }
    return { output: { file, ...report }, beside: toStdout };
  } finally {
    await Deno.remove(partial).catch(() => {});
  }
}

/** Takes an account's export over into an account. */
export async function importFile(deps: Deps, file: string, email: string): Promise<Result> {
  const user = await findAccount(deps, email);
  const report = await importArchive(deps, user.id, await Deno.readFile(file));
  return { output: { file, ...report }, code: report.failed.length ? 1 : 0 };
}

/** Restores a backup into an empty store. */
export async function restore(deps: Deps, file: string): Promise<Result> {
  const fromStdin = file === "-";
  const source = fromStdin ? await Deno.makeTempFile() : file;
  try {
    if (fromStdin) await Deno.stdin.readable.pipeTo((await Deno.create(source)).writable);
    const report = await restoreBackup(deps, async () => (await Deno.open(source)).readable);
    return { output: { file, ...report } };
  } finally {
    if (fromStdin) await Deno.remove(source).catch(() => {});
  }
}
