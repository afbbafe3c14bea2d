import { fileURLToPath } from "node:url";
import { type GrpcObject, loadPackageDefinition } from "@grpc/grpc-js";
import { loadSync, type Options } from "@grpc/proto-loader";
import type { ProtoGrpcType } from "./generated/fleet.ts";

/** Where the wire contract lies. */
export const FLEET_PROTO_PATH = fileURLToPath(new URL("../../../proto/fleet.proto", import.meta.url));

/** How messages look in TypeScript: field names as in the contract, int64 as number, enums as number. */
export const PROTO_LOADER_OPTIONS: Options = {
  keepCase: true,
  longs: Number,
  enums: Number,
  defaults: true,
  oneofs: true,
};

/** The gRPC package `fleet`, read from the contract. */
export function loadFleetPackage(): ProtoGrpcType["fleet"] {
  const definition = loadSync(FLEET_PROTO_PATH, PROTO_LOADER_OPTIONS);
  const { fleet } = loadPackageDefinition(definition) as GrpcObject & ProtoGrpcType;
  return fleet;
}
