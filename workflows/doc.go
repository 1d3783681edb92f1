// Package workflows is the saga of a purchase: what happens, in which order, and what is undone when it cannot go on.
//
// Only deterministic code lives here: no clock, dice, goroutines or channels but the workflow's own. What touches the world
// is asked for through the interfaces OrderActivities and PaymentActivities, which package activities implements.
//
// Rules:
//
//   - The row wins: every step answers with the order's row as it is afterwards, and the workflow adopts it.
//   - A compensation is registered before the step that it undoes, and runs on a context that cannot be canceled.
//   - A step that does not finish becomes visible, then raises attention, and is repeated until it does. Nothing ends silently.
package workflows
