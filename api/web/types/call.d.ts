// What can be asked of the API, and what it answers, taken from its description: api.d.ts is generated (make lint-web).
import type { components, paths } from "./api";

export type Schemas = components["schemas"];
export type Method = "get" | "post" | "put" | "patch" | "delete";

/** The paths that know a method. */
export type PathOf<M extends Method> = {
  [P in keyof paths]: paths[P] extends Record<M, { responses: unknown }> ? P : never;
}[keyof paths];

type Operation<M extends Method, P extends keyof paths> = paths[P] extends Record<M, infer O> ? O : never;
type Parameters<M extends Method, P extends keyof paths> = Operation<M, P> extends { parameters: infer A } ? A : never;
type In<A, Where extends string> = A extends { [W in Where]: infer V }
  ? V
  : A extends { [W in Where]?: infer V }
    ? V
    : never;
type BodyOf<O> = O extends { requestBody: { content: { "application/json": infer B } } }
  ? B
  : O extends { requestBody?: { content: { "application/json": infer B } } }
    ? B
    : never;

/** What is sent with a request. */
export type Asked<M extends Method, P extends keyof paths> = {
  path?: In<Parameters<M, P>, "path">;
  query?: In<Parameters<M, P>, "query">;
  headers?: In<Parameters<M, P>, "header">;
  body?: BodyOf<Operation<M, P>>;
  signal?: AbortSignal;
};

type Success = 200 | 201 | 202 | 204;
type Content<R> = R extends { content: { "application/json": infer B } } ? B : null;

/** What comes back. */
export type Answer<M extends Method, P extends keyof paths> =
  Operation<M, P> extends { responses: infer R }
    ? { [S in keyof R & Success]: Content<R[S]> }[keyof R & Success]
    : never;

export type Answered<M extends Method, P extends keyof paths> = {
  status: number;
  data: Answer<M, P>;
  headers: Headers;
};

/** The part of the gateway's script that opens its payment window: https://docs.tosspayments.com/sdk/v2/js */
export interface Gateway {
  (clientKey: string): {
    payment(of: { customerKey: string }): {
      requestPayment(payment: {
        method: "CARD";
        amount: { currency: string; value: number };
        orderId: string;
        orderName: string;
        successUrl: string;
        failUrl: string;
      }): Promise<void>;
    };
  };
  ANONYMOUS: string;
}

declare global {
  interface Window {
    TossPayments?: Gateway;
  }
}
