package activities

import "time"

// QuickGates is NewGates with a short moment between the two snapshots.
func QuickGates(store ClaimStore, gate GateKeeper) *Gates {
	return &Gates{store: store, gate: gate, pause: time.Millisecond}
}
