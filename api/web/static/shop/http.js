// One request to the API. A connection that is gone is a problem like any other.
import { observe } from "./clock.js";
import { meta } from "./meta.js";
import { Problem } from "./problem.js";

/** Where the API is: empty where it is the page's own origin. */
export const api = meta("api");

/**
 * @typedef {Record<string, unknown>} Values
 * @typedef {{path?: Values, query?: Values, headers?: Values, body?: unknown, signal?: AbortSignal}} Parts
 */

/** The address of an operation. @param {string} template @param {Parts} parts */
function address(template, { path = {}, query = {} }) {
  const filled = template.replaceAll(/\{(\w+)\}/g, (_, name) => encodeURIComponent(String(path[name])));
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, String(value));
  return api + filled + (search.size ? `?${search}` : "");
}

/** @param {string} method @param {string} template @param {Parts} parts @param {string} token */
export async function send(method, template, parts, token) {
  const { body, signal, headers } = parts;
  const file = body instanceof Blob;
  try {
    const answer = await fetch(address(template, parts), {
      method: method.toUpperCase(),
      credentials: api ? "include" : "same-origin",
      signal: signal ?? null,
      headers: {
        Accept: "application/json",
        ...(token && { Authorization: `Bearer ${token}` }),
        ...(body !== undefined && { "Content-Type": file ? body.type || "image/jpeg" : "application/json" }),
        .../** @type {Record<string, string>} */ (headers),
      },
      ...(body !== undefined && { body: file ? body : JSON.stringify(body) }),
    });
    observe(answer.headers);
    return answer;
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new Problem({ code: "OFFLINE", retryable: true });
  }
}

/** @param {Response} answer */
export async function unpack(answer) {
  const data = await contents(answer);
  if (!answer.ok && answer.status !== 304)
    throw new Problem(
      data ?? { code: "UNAVAILABLE", status: answer.status, retryable: answer.status > 500 },
      answer.headers,
    );
  return { status: answer.status, data, headers: answer.headers };
}

/** The body of an answer; one that is cut is no answer. @param {Response} answer */
async function contents(answer) {
  if (!answer.headers.get("Content-Type")?.includes("json")) return null;
  return answer.json().catch(() => {
    throw new Problem({ code: "OFFLINE", retryable: true });
  });
}
