import { randomBytes } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";

/** Readers see the old content or the new one; only the owner may read it. Durable once the folder is synced. */
export async function writeFileAtomically(file: string, text: string): Promise<void> {
  const draft = `${file}.${randomBytes(6).toString("hex")}.tmp`;
  try {
    const handle = await open(draft, "wx", 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(draft, file);
  } catch (thrown) {
    await rm(draft, { force: true });
    throw thrown;
  }
}
