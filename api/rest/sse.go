package rest

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
)

// Times of an event stream.
const (
	keepAlive = 15 * time.Second
	// reconnectAfter is when a reader comes again whose connection was lost.
	reconnectAfter = 2 * time.Second
	writeLimit     = 10 * time.Second
	streamLimit    = time.Hour
)

// eventStream writes server-sent events.
type eventStream struct {
	writer  http.ResponseWriter
	control *http.ResponseController
	// last is the number of the last event that the reader has.
	last  int64
	alive *time.Ticker
}

// openStream answers a request with a stream.
func openStream(ctx huma.Context, last int64) *eventStream {
	ctx.SetHeader("Cache-Control", "no-store")
	ctx.SetHeader("X-Accel-Buffering", "no")
	ctx.SetHeader("Content-Type", "text/event-stream")
	w := humagin.Unwrap(ctx).Writer
	return &eventStream{writer: w, control: http.NewResponseController(w), last: last, alive: time.NewTicker(keepAlive)}
}

// begin sends the headers at once, and how long a reader that lost its connection waits before it comes again.
func (e *eventStream) begin() bool {
	return e.write(fmt.Sprintf("retry: %d\n\n", reconnectAfter.Milliseconds()))
}

// send writes one event and reports whether the reader is still there.
func (e *eventStream) send(number int64, name string, body any) bool {
	data, err := json.Marshal(body)
	if err != nil || !e.write(fmt.Sprintf("id: %d\nevent: %s\ndata: %s\n\n", number, name, data)) {
		return false
	}
	e.last = number
	return true
}

// sendMessage writes one event under its name, and once more without, for readers that listen to messages only.
func (e *eventStream) sendMessage(number int64, name string, body any) bool {
	data, err := json.Marshal(body)
	if err != nil || !e.send(number, name, body) {
		return false
	}
	return e.write(fmt.Sprintf("id: %d\ndata: %s\n\n", number, data))
}

// sendUnnumbered writes an event without a number: a reader that reconnects does not get it again.
func (e *eventStream) sendUnnumbered(name string, body any) bool {
	data, err := json.Marshal(body)
	return err == nil && e.write(fmt.Sprintf("event: %s\ndata: %s\n\n", name, data))
}

// write sends text at once. A reader that does not read is given up.
func (e *eventStream) write(text string) bool {
	_ = e.control.SetWriteDeadline(time.Now().Add(writeLimit))
	if _, err := e.writer.Write([]byte(text)); err != nil {
		return false
	}
	return e.control.Flush() == nil
}

// streamer waits for what event streams send.
type streamer struct {
	ctx     context.Context //nolint:containedctx // the life of the process, with which every stream ends
	changes Announcements
}

// awaitUpdate waits until there may be something to send: a change was announced, or it is time to look. Meanwhile it keeps the connection
// alive. It reports false when the reader has left, the time is over or the process stops.
func (s streamer) awaitUpdate(ctx context.Context, stream *eventStream, announced <-chan struct{}, look <-chan time.Time) bool {
	for {
		select {
		case <-announced:
			return true
		case <-look:
			return true
		case <-stream.alive.C:
			if !stream.write(": still here\n\n") {
				return false
			}
		case <-ctx.Done():
			return false
		case <-s.ctx.Done():
			return false
		}
	}
}
