/** Emphasis on a terminal, plain text elsewhere. */
export interface Paint {
  strong(text: string): string;
  faint(text: string): string;
}

const plain: Paint = { strong: (text) => text, faint: (text) => text };
const colours: Paint = {
  strong: (text) => `\u001b[1m${text}\u001b[22m`,
  faint: (text) => `\u001b[2m${text}\u001b[22m`,
};

/** https://no-color.org */
export function paintFor(isTerminal: boolean, environment: Readonly<Record<string, string | undefined>>): Paint {
  const refused = (environment["NO_COLOR"] ?? "") !== "" || environment["TERM"] === "dumb";
  return isTerminal && !refused ? colours : plain;
}
