// Original file: proto/fleet.proto

export const RefusalReason = {
  REFUSAL_REASON_UNKNOWN: 0,
  INVALID: 1,
  CONFLICT: 2,
  NO_OPTION: 3,
  OVERLOADED: 4,
  UNAVAILABLE: 5,
  GONE: 6,
} as const;

export type RefusalReason =
  | 'REFUSAL_REASON_UNKNOWN'
  | 0
  | 'INVALID'
  | 1
  | 'CONFLICT'
  | 2
  | 'NO_OPTION'
  | 3
  | 'OVERLOADED'
  | 4
  | 'UNAVAILABLE'
  | 5
  | 'GONE'
  | 6

export type RefusalReason__Output = typeof RefusalReason[keyof typeof RefusalReason]
