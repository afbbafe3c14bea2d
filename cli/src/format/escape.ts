/** Control, invisible and direction-changing characters, halves of characters, and line ends other than \n. */
const UNSAFE = /[\p{C}\p{Zl}\p{Zp}]/gu;

function asEscape(character: string): string {
  return Array.from({ length: character.length }, (_, n) => {
    return `\\u${character.charCodeAt(n).toString(16).padStart(4, "0")}`;
  }).join("");
}

/** Text of others as it may be shown in a terminal, on one line. */
export function escaped(text: string): string {
  return text.replaceAll(UNSAFE, asEscape);
}

/** The same, where \n ends a line of our own. */
export function escapedLines(text: string): string {
  return text.split("\n").map(escaped).join("\n");
}

/** A value as JSON on one line. Its escapes are JSON's own, so it reads back as the same value. */
export function jsonLine(value: unknown): string {
  return escaped(JSON.stringify(value));
}

/** JSON text in lines, escaped as `jsonLine` does. */
export function jsonLines(value: unknown): string {
  return escapedLines(JSON.stringify(value, null, 2));
}
