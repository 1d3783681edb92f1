// What several views need: data that is loaded, a clock that ticks, a shopper who is logged in, a form that is sent.
/** @import { Answer, Asked, PathOf } from "../../types/call" */
/** @import { Problem } from "./problem.js" */
import { useCallback, useEffect, useRef, useState } from "../vendor/hooks.js";
import { call } from "./api.js";
import { now } from "./clock.js";
import { problemOf } from "./problem.js";
import { go } from "./route.js";
import { known, onSession, signedIn } from "./session.js";

/**
 * Loads something, and again whenever reload is called, or while nobody answers. What was there stays meanwhile.
 * @template {PathOf<"get">} P
 * @param {P} path @param {Asked<"get", P>} [asked]
 * @returns {{data?: Answer<"get", P>, problem?: Problem, reload: () => Promise<void>}}
 */
export function useData(path, asked) {
  const what = JSON.stringify([path, asked]);
  const current = useRef(what);
  current.current = what;
  const [state, setState] = useState(/** @type {{data?: Answer<"get", P>, problem?: Problem}} */ ({}));
  const [again, setAgain] = useState(0);
  const reload = useCallback(async () => {
    try {
      const { data } = await call("get", path, asked);
      if (current.current === what) setState({ data }); // else another was asked for meanwhile
    } catch (failed) {
      if (current.current !== what) return;
      const problem = problemOf(failed);
      setState((/** @type {{data?: Answer<"get", P>}} */ before) => ({ ...before, problem }));
      if (problem.passing) setTimeout(() => setAgain((/** @type {number} */ n) => n + 1), problem.retryAfter * 1000);
    }
  }, [what]);
  useEffect(() => void reload(), [reload, again]);
  return { ...state, reload };
}

/** @typedef {{items: any[], nextCursor?: string}} Page */

/**
 * A list that grows page by page.
 * @template {"/v1/products" | "/v1/orders" | "/v1/admin/orders" | "/v1/products/{id}/stock/changes"} P
 * @param {P} path @param {Asked<"get", P>} asked
 * @returns {{items?: Answer<"get", P>["items"], problem?: Problem, more?: () => void, reload: () => Promise<void>}}
 */
export function useList(path, asked) {
  const what = JSON.stringify([path, asked]);
  const { data, problem, reload } = useData(path, asked);
  const first = /** @type {Page | undefined} */ (data);
  const [rest, setRest] = useState(
    /** @type {{of: string, items: any[], cursor?: string}} */ ({ of: what, items: [] }),
  );
  const mine = rest.of === what ? rest : { of: what, items: [] };
  const cursor = mine.cursor ?? first?.nextCursor;
  const next = useAction(async () => {
    const query = { .../** @type {any} */ (asked).query, cursor };
    const page = /** @type {Page} */ ((await call("get", path, /** @type {any} */ ({ ...asked, query }))).data);
    setRest({ of: what, items: [...mine.items, ...page.items], cursor: page.nextCursor ?? "" });
  });
  return {
    items: first && /** @type {any} */ ([...first.items, ...mine.items]),
    problem: next.problem ?? problem,
    more: cursor && !next.busy ? () => void next.run() : undefined,
    reload: async () => {
      setRest({ of: what, items: [] });
      await reload();
    },
  };
}

/** Does something at once and every second, as long as it is needed. @param {boolean} needed @param {() => void} act */
export function useRepeat(needed, act) {
  useEffect(() => {
    if (!needed) return;
    act();
    const repeating = setInterval(act, 1000);
    return () => clearInterval(repeating);
  }, [needed]);
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

/** Whether somebody is logged in, as that changes. */
export function useSession() {
  const [inside, setInside] = useState(signedIn());
  useEffect(() => {
    const look = () => setInside(signedIn());
    void known.then(look);
    return onSession(look);
  }, []);
  return inside;
}

/** Whether a shopper is logged in. Who is not, or not any more, is sent to the login, and back here afterwards. */
export function useShopper() {
  const inside = useSession();
  useEffect(() => {
    let here = true;
    const look = () => {
      if (here && !signedIn())
        go(`/login?next=${encodeURIComponent(location.pathname + location.search)}`, { replace: true });
    };
    void known.then(look);
    const stop = onSession(look);
    return () => {
      here = false;
      stop();
    };
  }, []);
  return inside;
}

/**
 * A form's action: its button does nothing while it runs, and what went wrong is said beside it. The button is not disabled, since a
 * disabled one loses the focus.
 * @param {(form: Record<string, string>, files: FormData) => Promise<void>} act
 */
export function useAction(act) {
  const [busy, setBusy] = useState(false);
  const running = useRef(false);
  const [problem, setProblem] = useState(/** @type {Problem | undefined} */ (undefined));
  const run = async (/** @type {SubmitEvent | undefined} */ event = undefined) => {
    event?.preventDefault();
    if (running.current) return; // a second click comes before the page is drawn anew
    running.current = true;
    setBusy(true);
    setProblem(undefined);
    try {
      const form = event?.currentTarget instanceof HTMLFormElement ? new FormData(event.currentTarget) : new FormData();
      await act(/** @type {Record<string, string>} */ (Object.fromEntries(form)), form);
    } catch (failed) {
      setProblem(problemOf(failed));
    } finally {
      running.current = false;
      setBusy(false);
    }
  };
  return { busy, problem, run };
}

/** Sets the title of the page. @param {string | undefined} title */
export function useTitle(title) {
  useEffect(() => {
    document.title = title ? `${title} · RUNRUN` : "RUNRUN";
  }, [title]);
}
