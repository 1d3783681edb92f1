/** @import { Schemas } from "../../types/call" */

/** A problem document of the API, or a connection that is gone (code OFFLINE). */
export class Problem extends Error {
  /** @param {Partial<Omit<Schemas["Problem"], "code">> & {code: string}} body @param {Headers} [headers] */
  constructor(body, headers) {
    super(body.detail ?? body.title ?? body.code);
    this.code = body.code;
    this.status = body.status ?? 0;
    this.retryable = body.retryable ?? false;
    this.attemptsLeft = body.attemptsLeft ?? 0;
    this.errors = body.errors ?? [];
    this.retryAfter = Number(headers?.get("Retry-After") ?? 2);
  }

  /** Whether the same request may be answered later: nobody was there, or everybody was. */
  get passing() {
    return this.code === "OFFLINE" || this.status === 503 || this.status === 429;
  }
}

/** @param {unknown} thrown */
export const problemOf = (thrown) =>
  thrown instanceof Problem ? thrown : new Problem({ code: "INTERNAL", detail: String(thrown) });
