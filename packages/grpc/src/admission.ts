import { API_TOKEN_METADATA } from "@greenlane/contracts";
import { type Metadata, status } from "@grpc/grpc-js";
import { tokenCheck } from "./tokens.ts";

/** What a caller without a good token is told. */
export const UNAUTHENTICATED = {
  code: status.UNAUTHENTICATED,
  details: `metadata ${API_TOKEN_METADATA} holds no valid token`,
};

/** A check of whether a call may enter, by the token in its metadata. */
export function admission(tokens: string[]): (metadata: Metadata) => boolean {
  const isGood = tokenCheck(tokens);
  return (metadata) => {
    const [token] = metadata.get(API_TOKEN_METADATA);
    return isGood(typeof token === "string" ? token : "");
  };
}
