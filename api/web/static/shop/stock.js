/** @import { Schemas } from "../../types/call" */
/** @import { Source } from "./share.js" */
import { useState } from "../vendor/hooks.js";
import { call } from "./api.js";
import { api } from "./http.js";
import { useShared } from "./share.js";

/** @typedef {Schemas["Stock"]} Stock */

const pollEvery = 3000;

/** A product's stock, as the server tells it; without a stream it is asked. @param {string} id */
export function useStock(id) {
  const [stock, setStock] = useState(/** @type {Stock | null} */ (null));
  useShared(`stock ${id}`, stockOf(id), setStock);
  return stock;
}

/** @param {string} id @returns {Source<Stock>} */
const stockOf = (id) => (tell, signal) => {
  const stream = new EventSource(`${api}/v1/products/${id}/events`);
  stream.addEventListener("stock", (event) => tell(JSON.parse(event.data)));
  const polling = setInterval(() => {
    if (stream.readyState === EventSource.OPEN) return;
    call("get", "/v1/products/{id}/stock", { path: { id }, signal }).then(
      ({ data }) => tell(data),
      () => null, // what is shown stays
    );
  }, pollEvery);
  signal.addEventListener("abort", () => {
    stream.close();
    clearInterval(polling);
  });
};
