import { type GridPrice, MAX_TIME_MS } from "@greenlane/contracts";
import { type IntervalPrice, SETTLEMENT_INTERVAL_MS } from "@greenlane/domain";
import type { Clock } from "@greenlane/runtime";
import type { FastifyInstance, FastifyReply } from "fastify";
import { z } from "zod";

const HOUR_MS = 3_600_000;

const atQuery = z.object({
  at: z
    .string("must be given once")
    .regex(/^\d{1,16}$/, "must be Unix milliseconds, a whole number")
    .transform(Number)
    .refine((atMs) => atMs <= MAX_TIME_MS, "lies beyond the last moment that a date can name")
    .optional(),
});
const forecastQuery = atQuery
  .extend({
    hours: z
      .string("must be given once")
      .regex(/^\d{1,3}(\.\d+)?$/, "must be a number of hours")
      .transform(Number)
      .refine((hours) => hours >= 0.25 && hours <= 168, "must be from 0.25 to 168")
      .default(24),
  })
  .refine(({ at = 0, hours }) => at + hours * HOUR_MS <= MAX_TIME_MS, {
    path: ["at"],
    error: "with hours it reaches beyond the last moment that a date can name",
  });

const priceBody = {
  type: "object",
  properties: {
    timestamp: { type: "integer", description: "Unix ms, the moment asked for" },
    price_per_kwh: { type: "number", description: "dollars" },
    grid_load: { type: "string", enum: ["Low", "Medium", "High"] },
    energy_source: { type: "string", enum: ["Solar", "Wind", "Grid"] },
    hour: { type: "integer", description: "hour of day in the grid's time zone" },
    valid_from: { type: "integer", description: "Unix ms, inclusive" },
    valid_until: { type: "integer", description: "Unix ms, exclusive" },
  },
} as const;
const errorBody = { type: "object", properties: { error: { type: "string" } } } as const;
const atParameter = { type: "string", description: "Unix ms; now, when left out" } as const;

function asWire(atMs: number, price: IntervalPrice): GridPrice {
  return {
    timestamp: atMs,
    price_per_kwh: price.pricePerKwh,
    grid_load: price.gridLoad,
    energy_source: price.energySource,
    hour: price.hour,
    valid_from: price.validFromMs,
    valid_until: price.validUntilMs,
  };
}

function badQuery(reply: FastifyReply, error: z.ZodError): FastifyReply {
  const issue = error.issues[0];
  return reply.code(400).send({ error: `${issue?.path.join(".")}: ${issue?.message}` });
}

/** GET /api/pricing and GET /api/pricing/forecast. */
export function addPricingRoutes(http: FastifyInstance, priceAt: (atMs: number) => IntervalPrice, clock: Clock): void {
  // The routes' schemas are for the OpenAPI page; what is refused, and in which words, is said above.
  http.setValidatorCompiler(() => () => true);
  http.get(
    "/api/pricing",
    {
      schema: {
        summary: "The price in force at a moment",
        querystring: { type: "object", properties: { at: atParameter } },
        response: { 200: priceBody, 400: errorBody },
      },
    },
    async (request, reply) => {
      const query = atQuery.safeParse(request.query);
      if (!query.success) return badQuery(reply, query.error);
      const atMs = query.data.at ?? clock.nowMs();
      return asWire(atMs, priceAt(atMs));
    },
  );
  http.get(
    "/api/pricing/forecast",
    {
      schema: {
        summary: "Prices from a moment on, in steps of 15 minutes",
        querystring: {
          type: "object",
          properties: { at: atParameter, hours: { type: "string", description: "0.25 to 168; 24 when left out" } },
        },
        response: { 200: { type: "array", items: priceBody }, 400: errorBody },
      },
    },
    async (request, reply) => {
      const query = forecastQuery.safeParse(request.query);
      if (!query.success) return badQuery(reply, query.error);
      const firstMs = priceAt(query.data.at ?? clock.nowMs()).validFromMs;
      const steps = Math.ceil((query.data.hours * HOUR_MS) / SETTLEMENT_INTERVAL_MS);
      return Array.from({ length: steps }, (_, n) => firstMs + n * SETTLEMENT_INTERVAL_MS).map((atMs) =>
        asWire(atMs, priceAt(atMs)),
      );
    },
  );
}
