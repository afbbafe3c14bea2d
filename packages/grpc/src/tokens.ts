import { createHash, timingSafeEqual } from "node:crypto";

const digest = (text: string) => createHash("sha256").update(text).digest();

/** A check of a caller's token whose time tells nothing about the tokens: digests of one length, all of them compared. */
export function tokenCheck(tokens: string[]): (presented: string) => boolean {
  const accepted = tokens.map(digest);
  return (presented) => {
    const given = digest(presented);
    let found = false;
    for (const token of accepted) found = timingSafeEqual(token, given) || found;
    return found;
  };
}
