/** @import { Schemas } from "../../types/call" */
/** @import { Source } from "./share.js" */
import { useEffect, useState } from "../vendor/hooks.js";
import { call } from "./api.js";
import { now } from "./clock.js";
import { pause } from "./patience.js";
import { Problem, problemOf } from "./problem.js";
import { useShared } from "./share.js";

/** @typedef {Schemas["Order"]} Order */
/** @typedef {{order: Order, asOf: number} | {problem: ConstructorParameters<typeof Problem>[0]}} News */

/** With these nothing follows. */
const ends = ["COMPLETED", "REFUSED", "EXPIRED", "PAYMENT_FAILED", "CANCELED", "RETURNED"];

/** Follows an order, and says what is in the way. @param {string} id */
export function useOrder(id) {
  const [order, setOrder] = useState(/** @type {Order | null} */ (null));
  const [asOf, setAsOf] = useState(0);
  const [problem, setProblem] = useState(/** @type {Problem | undefined} */ (undefined));
  useShared(`order ${id}`, newsOf(id), (/** @type {News} */ news) => {
    if ("problem" in news) return setProblem(new Problem(news.problem));
    setProblem(undefined);
    setOrder(news.order);
    setAsOf(news.asOf);
  });
  useEffect(() => {
    const gone = () => setProblem(new Problem({ code: "OFFLINE" }));
    addEventListener("offline", gone);
    return () => removeEventListener("offline", gone);
  }, []);
  return { order, asOf, problem, setOrder };
}

/**
 * Long polls: they survive lost connections and restarts of the API without a word. An order in line is asked for every second, since its
 * place moves without a version.
 * @param {string} id @returns {Source<News>}
 */
const newsOf = (id) => async (tell, signal) => {
  for (let known = /** @type {{order: Order, tag: string} | null} */ (null); !signal.aborted; ) {
    try {
      const waits = known !== null && known.order.status !== "RECEIVED";
      const { status, data, headers } = await call("get", "/v1/orders/{id}", {
        path: { id },
        query: waits ? { wait: "20s" } : {},
        headers: waits ? { "If-None-Match": known?.tag } : {},
        signal,
      });
      if (status === 200) known = { order: data, tag: headers.get("ETag") ?? "" };
      if (known) tell({ order: known.order, asOf: now() });
      if (known && ends.includes(known.order.status)) return;
      if (known?.order.status === "RECEIVED") await pause(1);
    } catch (failed) {
      if (signal.aborted) return;
      const { code, status, message, retryAfter } = problemOf(failed);
      tell({ problem: { code, status, detail: message } });
      if (status === 404 || status === 401) return;
      await pause(retryAfter);
    }
  }
};
