/**
 * Aborts at the first Ctrl-C, or SIGTERM. The handlers are gone by then, so a second one ends the process at once: the
 * store survives that.
 */
export function interrupted(process: NodeJS.EventEmitter): { readonly signal: AbortSignal; release(): void } {
  const stop = new AbortController();
  const names = ["SIGINT", "SIGTERM"] as const;
  const release = (): void => names.forEach((name) => process.off(name, onSignal));
  function onSignal(): void {
    release();
    stop.abort();
  }
  for (const name of names) process.on(name, onSignal);
  return { signal: stop.signal, release };
}
