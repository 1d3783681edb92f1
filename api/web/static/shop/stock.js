import { useEffect, useState } from "../vendor/hooks.js";
import { call } from "./api.js";

/** A product's stock, as the server tells it; without a stream it is asked. @param {string} id */
export function useStock(id) {
  const [stock, setStock] = useState(/** @type {any} */ (null));
  useEffect(() => {
    const stream = new EventSource(`/v1/products/${id}/events`);
    stream.addEventListener("stock", (event) => setStock(JSON.parse(event.data)));
    const polling = setInterval(async () => {
      if (stream.readyState === EventSource.CLOSED) setStock((await call("GET", `/v1/products/${id}/stock`)).data);
    }, 3000);
    return () => (stream.close(), clearInterval(polling));
  }, [id]);
  return stock;
}
