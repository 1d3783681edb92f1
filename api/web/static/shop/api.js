// Speaks with the API as whoever is logged in, in the types of its description.
/** @import { Parts } from "./http.js" */
/** @import { Answered, Asked, Method, PathOf } from "../../types/call" */
import { send, unpack } from "./http.js";
import { known, refresh, signedIn, tokenNow } from "./session.js";

/**
 * Calls an operation: call("get", "/v1/orders/{id}", { path: { id } }).
 * @template {Method} M
 * @template {PathOf<M>} P
 * @param {M} method @param {P} path @param {Asked<M, P>} [asked]
 * @returns {Promise<Answered<M, P>>}
 */
export async function call(method, path, asked = {}) {
  await known;
  const parts = /** @type {Parts} */ (asked);
  const answer = await send(method, path, parts, tokenNow());
  if (answer.status !== 401 || !signedIn() || !(await refresh())) return unpack(answer);
  return unpack(await send(method, path, parts, tokenNow()));
}

/**
 * Uploads a picture.
 * @param {"/v1/products/{id}/images/{kind}" | "/v1/brands/{id}/image"} path @param {Record<string, string>} values @param {File} file
 */
export async function upload(path, values, file) {
  return unpack(await send("put", path, { path: values, body: file }, tokenNow()));
}
