/** What can be wrong with a store's folder. Each message is one line that says what to do. */

export class StoreLockedError extends Error {
  constructor(folder: string, options?: ErrorOptions) {
    super(`${folder}: another process uses this folder; stop it or choose another folder`, options);
    this.name = "StoreLockedError";
  }
}

/** The bytes are not those that were written. */
export class StoreCorruptError extends Error {
  constructor(what: string, options?: ErrorOptions) {
    super(`the store is corrupt: ${what}; restore a snapshot, or move the folder away to start empty`, options);
    this.name = "StoreCorruptError";
  }
}

export class StoreFormatError extends Error {
  constructor(folder: string, found: string, known: string) {
    super(
      `${folder}: the store has format ${found} and this version reads format ${known}; use the version that wrote it, or another folder`,
    );
    this.name = "StoreFormatError";
  }
}

/** The folder cannot be opened for a reason of the file system: permissions, no space, not a folder. */
export class StoreOpenError extends Error {
  constructor(folder: string, why: string, options?: ErrorOptions) {
    super(
      `${folder}: cannot open the store (${why}); check that the folder is writable and the disk has space`,
      options,
    );
    this.name = "StoreOpenError";
  }
}
