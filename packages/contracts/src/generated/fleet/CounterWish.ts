// Original file: proto/fleet.proto

export const CounterWish = {
  COUNTER_WISH_UNKNOWN: 0,
  CHEAPER: 1,
  SOONER: 2,
  NEARER: 3,
  LESS_ENERGY: 4,
} as const;

export type CounterWish =
  | 'COUNTER_WISH_UNKNOWN'
  | 0
  | 'CHEAPER'
  | 1
  | 'SOONER'
  | 2
  | 'NEARER'
  | 3
  | 'LESS_ENERGY'
  | 4

export type CounterWish__Output = typeof CounterWish[keyof typeof CounterWish]
