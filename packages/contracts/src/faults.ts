/** The rules that several messages share. Each says what a value breaks, beginning with the field's name; null: nothing. */

const MAX_ID_LENGTH = 128;
/** Spaces only between what is visible. A space begins each repetition, so the match takes linear time on any id. */
const PRINTABLE = /^[^\p{C}\p{Z}]+( +[^\p{C}\p{Z}]+)*$/u;
/** The last moment that a JavaScript date can name, Unix ms; what is told of a later one could not be read again. */
export const MAX_TIME_MS = 8.64e15;

export function idFault(field: string, id: string): string | null {
  if (isPlain(id)) return null;
  if (id.length === 0) return `${field} must not be empty`;
  if (id.length > MAX_ID_LENGTH && [...id].length > MAX_ID_LENGTH)
    return `${field} must have at most ${MAX_ID_LENGTH} characters`;
  if (!PRINTABLE.test(id)) return `${field} must hold printable characters only`;
  return null;
}

/** As most ids are: visible ASCII, told without the expression above, which costs as much as all else of a report. */
function isPlain(id: string): boolean {
  if (id.length === 0 || id.length > MAX_ID_LENGTH) return false;
  for (let n = 0; n < id.length; n++) {
    const unit = id.charCodeAt(n);
    if (unit <= 0x20 || unit >= 0x7f) return false;
  }
  return true;
}

/** The field that a fault names. */
export const faultyField = (fault: string): string => fault.slice(0, fault.indexOf(" "));

export function rangeFault(field: string, value: number, min: number, max: number): string | null {
  return value >= min && value <= max ? null : `${field} must be from ${min} to ${max}`;
}
