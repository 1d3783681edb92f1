package rest

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"runrun/domain"
)

// lookAgain is how often a stream looks for events whose announcement was lost.
const lookAgain = 5 * time.Second

type eventsInput struct {
	ID          domain.OrderID `path:"id" maxLength:"64" pattern:"^[A-Za-z0-9_-]+$" patternDescription:"an id"`
	LastEventID int64          `header:"Last-Event-ID" minimum:"0" doc:"Number of the last event that the caller has; the stream goes on after it."`
	Ticket      string         `query:"ticket" maxLength:"1000" doc:"From POST …/events/ticket, in the place of the access token: a browser's EventSource cannot send one."`
}

type ticketBody struct {
	Ticket    string `json:"ticket" doc:"For ?ticket= of the order's events."`
	ExpiresIn int    `json:"expiresIn" doc:"Seconds within which the stream has to be opened."`
}

// EventBody is one step of an order.
type EventBody struct {
	Status    domain.OrderStatus `json:"status"`
	Reason    string             `json:"reason,omitempty"`
	Attention domain.Attention   `json:"attention,omitempty"`
	At        time.Time          `json:"at"`
}

type positionBody struct {
	Position      int     `json:"position"`
	EstimatedWait float64 `json:"estimatedWait"`
}

func (o orders) eventRoutes(api huma.API) {
	register(api, huma.Operation{
		OperationID: "followOrder",
		Method:      http.MethodGet,
		Path:        "/v1/orders/{id}/events",
		Tags:        []string{"orders"},
		Errors: []int{
			http.StatusUnauthorized,
			http.StatusNotFound,
			http.StatusNotAcceptable,
			http.StatusUnprocessableEntity,
			http.StatusTooManyRequests,
			http.StatusServiceUnavailable,
		},
		Summary: "Follow an order",
		Description: "Server-sent events (text/event-stream): event is the status, id its number, data {status, reason, " +
			"attention, at}; each comes once more without a name, for onmessage. A reader that has every event is sent " +
			"event state at once, without a number: the present state, in the same form. While the order waits for its turn " +
			"also event position, without a number, data {position, estimatedWait in seconds}. The stream ends with the " +
			"order, or after an hour; 204 if nothing will follow the last event.",
		Responses: map[string]*huma.Response{"200": {Description: "The stream", Content: map[string]*huma.MediaType{"text/event-stream": {}}}},
	}, o.events)
	handle(api, huma.Operation{
		OperationID:   "createEventsTicket",
		Method:        http.MethodPost,
		Path:          "/v1/orders/{id}/events/ticket",
		Tags:          []string{"orders"},
		DefaultStatus: http.StatusCreated,
		Summary:       "Get a ticket for an order's events",
		Description:   "It opens this order's stream, for a minute, and nothing else.",
	}, o.createTicket)
}

// createTicket lets a browser open an order's stream: EventSource cannot send an access token.
func (o orders) createTicket(ctx context.Context, in *orderInput) (*output[ticketBody], error) {
	order, err := o.checkout.Of(ctx, callerOf(ctx).ID, in.ID)
	if err != nil {
		return nil, err
	}
	ticket, life, err := o.tokens.IssueStreamTicket(order.UserID, order.ID, time.Now())
	return &output[ticketBody]{Body: ticketBody{Ticket: ticket, ExpiresIn: int(life.Seconds())}}, err
}

// events streams what happens to an order, from the events in the database: none is lost, whatever Redis does.
func (o orders) events(ctx context.Context, in *eventsInput) (*huma.StreamResponse, error) {
	order, err := o.checkout.Of(ctx, callerOf(ctx).ID, in.ID)
	if err != nil {
		return nil, problemOf(ctx, err)
	}
	if order.Status.Final() && in.LastEventID >= order.Version { // nothing will follow; 204 tells a browser not to come again
		return &huma.StreamResponse{Body: func(hctx huma.Context) { hctx.SetStatus(http.StatusNoContent) }}, nil
	}
	leave, err := o.streams.enter(string(callerOf(ctx).ID))
	if err != nil {
		return nil, problemOf(ctx, err)
	}
	return &huma.StreamResponse{Body: func(hctx huma.Context) {
		defer leave()
		o.follow(ctx, order, openStream(hctx, in.LastEventID))
	}}, nil
}

// follow writes an order's events as they happen, until it ends, the reader leaves, or the server stops.
func (o orders) follow(ctx context.Context, order domain.Order, stream *eventStream) {
	ctx, cancel := context.WithTimeout(ctx, streamLimit)
	defer cancel()
	changed, stop := o.changes.WatchOrder(order.ID)
	defer stop()
	look := time.NewTicker(lookAgain)
	defer look.Stop()
	sent := 0
	if !stream.begin() || stream.last >= order.Version && !stream.sendUnnumbered("state", eventOf(order)) {
		return
	}
	for {
		events, err := o.rows.Events(ctx, order.ID, stream.last)
		if position, wait, waits := o.queue.Position(&order); waits && position != sent {
			sent = position
			if !stream.sendUnnumbered("position", positionBody{Position: position, EstimatedWait: wait.Seconds()}) {
				return
			}
		}
		if err != nil || !sendEvents(stream, events) || len(events) > 0 && events[len(events)-1].Status.Final() {
			return
		}
		if !o.awaitUpdate(ctx, stream, changed, look.C) {
			return
		}
	}
}

// eventOf is an order's present state, as its latest event tells it.
func eventOf(o domain.Order) EventBody {
	return EventBody{Status: o.Status, Reason: o.Reason, Attention: o.Attention, At: o.UpdatedAt}
}

func sendEvents(stream *eventStream, events []domain.OrderEvent) bool {
	for _, event := range events {
		if !stream.sendMessage(event.Seq, string(event.Status),
			EventBody{Status: event.Status, Reason: event.Reason, Attention: event.Attention, At: event.At}) {
			return false
		}
	}
	return true
}
