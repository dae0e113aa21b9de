import { readFile } from "node:fs/promises";

/** What the kernel counts of a process. Linux only, as the benches are. https://man7.org/linux/man-pages/man5/proc.5.html */
export interface Usage {
  /** User and system time of all threads. */
  readonly cpuMs: number;
  readonly rssBytes: number;
}

/** The kernel's USER_HZ, 100 on every architecture that Node runs on. */
const tickMs = 10;

export async function usageOf(pid: number): Promise<Usage> {
  const [stat, status] = await Promise.all([
    readFile(`/proc/${pid}/stat`, "utf8"),
    readFile(`/proc/${pid}/status`, "utf8"),
  ]);
  // The second field is the command in parentheses, which may hold spaces: utime and stime are the 12th and 13th behind it.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const kilobytes = /^VmRSS:\s+(\d+)/m.exec(status)?.[1];
  return {
    cpuMs: (Number(fields[11]) + Number(fields[12])) * tickMs,
    rssBytes: Number(kilobytes) * 1024,
  };
}
