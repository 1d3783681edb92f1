import { Problem } from "./problem.js";

/** @param {number} seconds */
export const pause = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

/**
 * Sends something until the server has answered it. It must be something that may be sent twice.
 * @template T
 * @param {() => Promise<T>} attempt @param {(problem: Problem) => void} waiting called when it has to be tried again
 * @returns {Promise<T>}
 */
export async function untilAnswered(attempt, waiting) {
  for (;;) {
    try {
      return await attempt();
    } catch (failed) {
      if (!(failed instanceof Problem) || !failed.passing) throw failed;
      waiting(failed);
      await pause(failed.retryAfter);
    }
  }
}
