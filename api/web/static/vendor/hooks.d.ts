// What is used of preact's hooks.
export function useState<T>(initial: T): [T, (next: T | ((before: T) => T)) => void];
export function useEffect(effect: () => void | (() => void), inputs?: readonly unknown[]): void;
export function useLayoutEffect(effect: () => void | (() => void), inputs?: readonly unknown[]): void;
export function useRef<T>(initial: T): { current: T };
export function useCallback<F extends (...args: never[]) => unknown>(callback: F, inputs: readonly unknown[]): F;
