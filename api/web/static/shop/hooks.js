// What several views need: data that is loaded, a clock that ticks, a shopper who is logged in.
import { useCallback, useEffect, useState } from "../vendor/hooks.js";
import { call, signedIn } from "./api.js";
import { now } from "./clock.js";
import { go } from "./route.js";

/**
 * Loads something, and again whenever reload is called. While the connection is gone, what was there stays.
 * @param {string} path
 */
export function useData(path) {
  const [state, setState] = useState(/** @type {{data?: any, problem?: any}} */ ({}));
  const reload = useCallback(async () => {
    try {
      setState({ data: (await call("GET", path)).data });
    } catch (problem) {
      setState((/** @type {{data?: any}} */ before) => ({ data: before.data, problem }));
    }
  }, [path]);
  useEffect(() => void reload(), [reload]);
  return { ...state, reload };
}

/** The server's time, four times a second. */
export function useNow() {
  const [time, setTime] = useState(now());
  useEffect(() => {
    const ticking = setInterval(() => setTime(now()), 250);
    return () => clearInterval(ticking);
  }, []);
  return time;
}

/** Sends whoever is not logged in to the login, and back here afterwards. */
export function useShopper() {
  useEffect(() => {
    if (!signedIn()) go(`/login?next=${encodeURIComponent(location.pathname + location.search)}`, { replace: true });
  }, []);
  return signedIn();
}

/**
 * A form's action: its button is locked while it runs, and what went wrong is said beside it.
 * @param {(form: Record<string, string>) => Promise<void>} act
 */
export function useAction(act) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState(/** @type {any} */ (null));
  const run = async (/** @type {SubmitEvent | undefined} */ event) => {
    event?.preventDefault();
    if (busy) return;
    setBusy(true);
    setProblem(null);
    try {
      const form = event?.currentTarget instanceof HTMLFormElement ? new FormData(event.currentTarget) : new FormData();
      await act(/** @type {Record<string, string>} */ (Object.fromEntries(form)));
    } catch (failed) {
      setProblem(failed);
    } finally {
      setBusy(false);
    }
  };
  return { busy, problem, run };
}
