/**
 * Gets a JSON document over HTTPS, trusting the authorities in `caPem`, or, when that is "", those that the machine knows.
 * Bounded in size and time; redirects to other servers are not followed. Throws an Error that says what went wrong.
 */
export type GetJson = (url: string, caPem: string, signal: AbortSignal) => Promise<unknown>;
