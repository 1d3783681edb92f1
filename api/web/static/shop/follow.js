/** @import { Schemas } from "../../types/call" */
import { useEffect, useState } from "../vendor/hooks.js";
import { call } from "./api.js";
import { now } from "./clock.js";
import { pause } from "./patience.js";
import { problemOf } from "./problem.js";

/** @typedef {Schemas["Order"]} Order */

/**
 * Follows an order by long polls: they survive lost connections and restarts of the API without a word. While it waits in line it is asked
 * every second, since its place moves without a version.
 * @param {string} id
 */
export function useOrder(id) {
  const [order, setOrder] = useState(/** @type {Order | null} */ (null));
  const [asOf, setAsOf] = useState(0);
  const [problem, setProblem] = useState(/** @type {import("./problem.js").Problem | undefined} */ (undefined));
  useEffect(() => {
    const stop = new AbortController();
    const follow = async () => {
      for (let tag = ""; !stop.signal.aborted; ) {
        try {
          const { status, data, headers } = await call("get", "/v1/orders/{id}", {
            path: { id },
            query: tag ? { wait: "20s" } : {},
            headers: tag ? { "If-None-Match": tag } : {},
            signal: stop.signal,
          });
          setProblem(undefined);
          setAsOf(now());
          if (status === 200) setOrder(data);
          tag = headers.get("ETag") ?? "";
          if (status === 200 && data.status === "RECEIVED") {
            tag = "";
            await pause(1);
          }
        } catch (failed) {
          if (stop.signal.aborted) return;
          const trouble = problemOf(failed);
          setProblem(trouble);
          if (trouble.status === 404 || trouble.status === 401) return;
          await pause(trouble.retryAfter);
        }
      }
    };
    void follow();
    return () => stop.abort();
  }, [id]);
  return { order, asOf, problem, setOrder };
}
