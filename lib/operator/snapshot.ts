// All of them in one step, or a writer beside it would make it begin again.
const ALL_PAGES = 2 ** 31 - 1;

// The copied file, to be removed after use.
type Snapshot = { path: string; remove: () => Promise<void> };

/** A copy of an embedded store as of one moment, in a folder of its own; null where `kv` names no file. */
export async function copyEmbedded(kv: string | undefined): Promise<Snapshot | null> {
  if (!kv || kv === ":memory:" || /^https?:\/\//.test(kv)) return null;
  const { backup, DatabaseSync } = await import("node:sqlite");
  const folder = await Deno.makeTempDir();
  const path = `${folder}/store.db`;
  const database = new DatabaseSync(kv, { readOnly: true });
  try {
    await backup(database, path, { rate: ALL_PAGES });
  } finally {
    database.close();
  }
  return { path, remove: () => Deno.remove(folder, { recursive: true }) };
}
