/** Something that runs on a scene, and can be ended and begun anew as after a crash. */
export interface Restartable<T extends AsyncDisposable> extends AsyncDisposable {
  /** Undefined while it is stopped. */
  readonly running: T | undefined;
  stop(): Promise<void>;
  /** Resolves when all that it has to do at once is done. */
  restart(): Promise<void>;
}

export async function restartable<T extends AsyncDisposable>(
  begin: () => Promise<T>,
  settled: () => Promise<void>,
): Promise<Restartable<T>> {
  let running: T | undefined = await begin();
  const stop = async (): Promise<void> => {
    await running?.[Symbol.asyncDispose]();
    running = undefined;
  };
  return {
    get running() {
      return running;
    },
    stop,
    async restart() {
      await stop();
      running = await begin();
      await settled();
    },
    [Symbol.asyncDispose]: stop,
  };
}
