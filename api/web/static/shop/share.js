// One tab of a browser reads what all its tabs show: browsers open six connections to a host, and a stream keeps one.
import { useEffect } from "../vendor/hooks.js";

/**
 * What is read: it calls tell with everything new, until the signal ends it, or what it returns is settled.
 * @template T
 * @typedef {(tell: (value: T) => void, signal: AbortSignal) => Promise<void> | void} Source
 */

/**
 * Reads a source while the page can be seen and is connected, in one tab for all; every tab hears what it tells.
 * @template T
 * @param {string} name @param {Source<T>} source @param {(value: T) => void} hear
 */
function share(name, source, hear) {
  const channel = new BroadcastChannel(name);
  /** @type {{value: T} | null} */
  let latest = null;
  let reading = false;
  const tell = (/** @type {T} */ value) => {
    latest = { value };
    hear(value);
    channel.postMessage(latest);
  };
  channel.onmessage = ({ data }) => {
    if (data) hear(data.value);
    else if (reading && latest) channel.postMessage(latest); // a new tab asks
  };
  channel.postMessage(null);

  let stop = new AbortController();
  const read = async (/** @type {AbortSignal} */ signal) => {
    reading = true;
    const aborted = new Promise((resolve) => signal.addEventListener("abort", resolve));
    await (source(tell, signal) ?? aborted);
    reading = false;
  };
  const follow = () => {
    stop.abort();
    stop = new AbortController();
    if (document.visibilityState === "hidden" || !navigator.onLine) return;
    const { signal } = stop;
    if (navigator.locks) navigator.locks.request(name, { signal }, () => read(signal)).catch(() => null);
    else void read(signal);
  };
  follow();
  const moments = new AbortController();
  document.addEventListener("visibilitychange", follow, moments);
  addEventListener("online", follow, moments);
  addEventListener("offline", follow, moments);
  return () => {
    moments.abort();
    stop.abort();
    channel.close();
  };
}

/**
 * Hears a shared source for as long as the view is shown.
 * @template T
 * @param {string} name @param {Source<T>} source @param {(value: T) => void} hear
 */
export function useShared(name, source, hear) {
  useEffect(() => share(name, source, hear), [name]);
}
