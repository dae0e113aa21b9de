import { OptionError } from "./option-error.ts";

/** Far more than there are gates or group-versions. */
const longest = 20_000;

/** `a=1,b=2`, as upstream's map flags are written; a later key wins. `b` alone is `b=`. */
export function readAssignments(flag: string, text: string): ReadonlyMap<string, string> {
  if (text.length > longest) throw new OptionError(`${flag}: the value is longer than ${longest} characters`);
  const read = new Map<string, string>();
  for (const part of text.split(",")) {
    const [key = "", ...value] = part.split("=");
    if (key.trim() === "" && value.length === 0) continue;
    if (key.trim() === "") throw new OptionError(`${flag}: "${part}" has no name before the "="`);
    read.set(key.trim(), value.join("=").trim());
  }
  return read;
}

/** As Go's strconv.ParseBool reads it, which upstream's flags use. */
export function readBoolean(text: string): boolean | undefined {
  if (/^(?:1|t|T|true|TRUE|True)$/.test(text)) return true;
  return /^(?:0|f|F|false|FALSE|False)$/.test(text) ? false : undefined;
}
