import { open, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";

/** LevelDB leaves names alone that it does not know. */
export const probeFile = "probe.tmp";

const slackBytes = 1024 * 1024;
const chunk: Buffer = Buffer.alloc(256 * 1024);

/**
 * Whether the disk takes what reopening will write: LevelDB turns its logs into tables first. Asked by writing, since
 * quotas and broken disks do not show in the free space. Rejects with the file system's error.
 */
export async function probeDisk(folder: string): Promise<void> {
  const path = join(folder, probeFile);
  try {
    const file = await open(path, "w", 0o600);
    try {
      for (let left = (await logBytes(folder)) + slackBytes; left > 0; left -= chunk.length)
        await file.writeFile(chunk);
      await file.sync();
    } finally {
      await file.close();
    }
  } finally {
    await rm(path, { force: true });
  }
}

async function logBytes(folder: string): Promise<number> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".log"));
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}
