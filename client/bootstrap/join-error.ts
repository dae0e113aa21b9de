/** Why a machine cannot join, in one line for whoever started it. Trying again alone does not help. */
export class JoinError extends Error {
  override name = "JoinError";
}
