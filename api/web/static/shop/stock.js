/** @import { Schemas } from "../../types/call" */
import { useEffect, useState } from "../vendor/hooks.js";
import { call } from "./api.js";
import { api } from "./http.js";

const pollEvery = 3000;

/** A product's stock, as the server tells it; without a stream it is asked. @param {string} id */
export function useStock(id) {
  const [stock, setStock] = useState(/** @type {Schemas["Stock"] | null} */ (null));
  useEffect(() => {
    const stream = new EventSource(`${api}/v1/products/${id}/events`);
    stream.addEventListener("stock", (event) => setStock(JSON.parse(event.data)));
    const polling = setInterval(() => {
      if (stream.readyState === EventSource.OPEN) return;
      call("get", "/v1/products/{id}/stock", { path: { id } }).then(
        ({ data }) => setStock(data),
        () => null, // what is shown stays
      );
    }, pollEvery);
    return () => {
      stream.close();
      clearInterval(polling);
    };
  }, [id]);
  return stock;
}
