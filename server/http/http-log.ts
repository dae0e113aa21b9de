/** Where this folder reports. Clients that misbehave are `debug`: on an open port they are everyday. */
export interface HttpLog {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}
