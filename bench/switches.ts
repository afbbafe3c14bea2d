import { z } from "zod";

/** A switch of a command: 0 or 1, 0 when it is left out. */
export const onOff = () =>
  z
    .enum(["0", "1"], "must be 0 or 1")
    .default("0")
    .transform((text) => text === "1");

/** Names, or beginnings of names, separated by commas; all when left out. @param what - what they name, in the plural */
export const beginnings = (what: string, names: readonly string[]) =>
  z
    .string()
    .default("")
    .transform((text) => text.split(",").filter((part) => part !== ""))
    .refine(
      (parts) => parts.every((part) => names.some((name) => name.startsWith(part))),
      `must begin names of ${what}: ${names.join(", ")}`,
    );
