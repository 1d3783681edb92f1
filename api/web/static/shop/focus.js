// Whoever uses the keyboard must not lose their place when what had the focus is gone.

/** Moves the focus to the main part of the page when the element that had it is removed. @param {Element} root */
export function keepFocus(root) {
  /** @type {EventTarget | null} */
  let last = null;
  addEventListener("focusin", ({ target }) => (last = target));
  new MutationObserver(() => {
    if (last instanceof Node && !last.isConnected && document.activeElement === document.body)
      document.querySelector("main")?.focus({ preventScroll: true });
  }).observe(root, { childList: true, subtree: true });
}
