// Original file: proto/fleet.proto

export const ConnectorStatus = {
  CONNECTOR_STATUS_UNKNOWN: 0,
  AVAILABLE: 1,
  OUT_OF_ORDER: 2,
} as const;

export type ConnectorStatus =
  | 'CONNECTOR_STATUS_UNKNOWN'
  | 0
  | 'AVAILABLE'
  | 1
  | 'OUT_OF_ORDER'
  | 2

export type ConnectorStatus__Output = typeof ConnectorStatus[keyof typeof ConnectorStatus]
