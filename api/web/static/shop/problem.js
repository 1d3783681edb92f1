/** @import { Schemas } from "../../types/call" */
import { now } from "./clock.js";

/** Answers that say nothing about the request but that nobody was there, or everybody was. */
const busy = [429, 502, 503, 504];

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
    this.opensAt = Date.parse(body.orderingOpensAt ?? "");
    this.retryAfter = this.opensInAMoment ? 0.3 : Number(headers?.get("Retry-After")) || 2;
  }

  /** A drop whose opening the page has seen a moment before the database. */
  get opensInAMoment() {
    return this.code === "NOT_OPEN_YET" && this.opensAt - now() < 2000;
  }

  /** Whether the same request may be answered later. */
  get passing() {
    return this.code === "OFFLINE" || this.opensInAMoment || (this.retryable && busy.includes(this.status));
  }

  /** Whether the request was refused for certain: nothing has become of it. */
  get definite() {
    return this.status >= 400 && this.status < 500 && ![401, 408, 429].includes(this.status);
  }
}

/** @param {unknown} thrown */
export const problemOf = (thrown) =>
  thrown instanceof Problem ? thrown : new Problem({ code: "INTERNAL", detail: String(thrown) });
