package rest

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"runrun/api/checkout"
	"runrun/domain"
)

type adminListInput struct {
	Cursor    string             `query:"cursor" maxLength:"64" pattern:"^[A-Za-z0-9_-]*$" patternDescription:"an id" doc:"nextCursor of the page before."`
	Limit     int                `query:"limit" minimum:"1" maximum:"100" default:"26" doc:"Most items of the page."`
	Status    domain.OrderStatus `query:"status" enum:"RECEIVED,HELD,PAYING,PLACED,IN_TRANSIT,DELIVERED,CANCELING,RETURNING,COMPLETED,REFUSED,EXPIRED,PAYMENT_FAILED,CANCELED,RETURNED"`
	Attention domain.Attention   `query:"attention" enum:"ANY,PAYMENT_UNKNOWN,REFUND_FAILED,RELEASE_FAILED,STEP_FAILING,DIFFERENCE" doc:"Orders that need a person: for this reason, or for any."`
	Product   domain.ProductID   `query:"product" maxLength:"64" pattern:"^[A-Za-z0-9_-]*$" patternDescription:"an id"`
	User      domain.UserID      `query:"user" maxLength:"64" pattern:"^[A-Za-z0-9_-]*$" patternDescription:"an id"`
	Text      string             `query:"q" maxLength:"200" doc:"An order id or a payment key, whole."`
}

// AdminBody is an order as support staff see it in a list.
type AdminBody struct {
	OrderBody
	UserID domain.UserID `json:"userId"`
	WebUI  string        `json:"webUi" doc:"The order's page in the Temporal Web UI."`
}

type adminDetail struct {
	AdminBody
	Events       []auditBody       `json:"events" nullable:"false" doc:"The audit trail: what happened, when, by whom and why."`
	Payments     []paymentBody     `json:"payments" nullable:"false" doc:"Every attempt to pay, oldest first."`
	Refunds      []refundBody      `json:"refunds" nullable:"false"`
	Reservations []reservationBody `json:"reservations" nullable:"false"`
}

type auditBody struct {
	EventBody
	Seq   int64  `json:"seq"`
	Actor string `json:"actor,omitempty" doc:"The member of support staff who did it; absent for the shopper and the shop itself."`
	Note  string `json:"note,omitempty"`
}

type refundBody struct {
	PaymentKey string              `json:"paymentKey"`
	Seq        int                 `json:"seq" doc:"Counts the refunds of the payment."`
	Amount     int64               `json:"amount"`
	Reason     string              `json:"reason"`
	Status     domain.RefundStatus `json:"status" enum:"INTENT,DONE,UNKNOWN,REFUSED"`
	Code       string              `json:"code,omitempty" doc:"The gateway's word for why it was refused."`
	Attempts   int                 `json:"attempts" doc:"Tries that the gateway answered without a refund."`
}

type reservationBody struct {
	ProductID domain.ProductID         `json:"productId"`
	Quantity  int                      `json:"quantity"`
	Status    domain.ReservationStatus `json:"status" enum:"HELD,SOLD,RELEASED,RETURNED"`
	Ticket    int64                    `json:"ticket" doc:"Its place in the product's queue."`
}

type actionInput struct {
	ID     domain.OrderID         `path:"id" maxLength:"64" pattern:"^[A-Za-z0-9_-]+$" patternDescription:"an id"`
	Action domain.StaffActionName `path:"action" enum:"retry,cancel,return,refund,resolve"`
	Body   struct {
		Note   string `json:"note" minLength:"1" maxLength:"255" doc:"Why; it is kept."`
		Amount int64  `json:"amount,omitempty" minimum:"0" doc:"With refund: a part of the payment, in the minor unit; the order goes on. Absent is the whole order."`
		As     string `json:"as,omitempty" enum:"ARRIVED,REFUNDED,GIVE_UP" doc:"With resolve: the returned goods are here; the money went back by another way; the workflow cannot go on."`
	}
}

// admin are the routes of support staff.
type admin struct {
	orderView
	orders  *checkout.Checkout
	support Support
	webUI   string // of Temporal, with its namespace
}

func (a admin) routes(api huma.API) {
	tags := []string{"support"}
	handle(api, huma.Operation{
		OperationID: "listAdminOrders", Method: http.MethodGet, Path: "/v1/admin/orders", Tags: tags,
		Summary:     "Find orders, newest first",
		Description: "For support staff. In pages; Link and nextCursor lead to the next.",
	}, a.list)
	handle(api, huma.Operation{
		OperationID: "getAdminOrder", Method: http.MethodGet, Path: "/v1/admin/orders/{id}", Tags: tags,
		Summary:     "Show all that the shop knows of an order",
		Description: "For support staff: audit trail, payments, refunds, reservations, from the database alone.",
	}, a.get)
	handle(api, huma.Operation{
		OperationID: "actOnOrder", Method: http.MethodPost, Path: "/v1/admin/orders/{id}/{action}", Tags: tags,
		Summary: "Retry, cancel, return, refund or resolve an order", Errors: []int{http.StatusConflict},
		Description: "For support staff: the same as the workflow's updates in the Temporal Web UI, with who did it. 409 ORDER_STATE if the " +
			"order does not allow it. 503 if it did not answer in time.",
	}, a.act)
}

func (a admin) list(ctx context.Context, in *adminListInput) (*pageOutput[AdminBody], error) {
	rows, err := a.support.OrdersFor(ctx, domain.OrderFilter{
		Status: in.Status, Attention: in.Attention, Product: in.Product, User: in.User, Text: in.Text,
		After: domain.OrderID(in.Cursor), Limit: in.Limit + 1,
	})
	if err != nil {
		return nil, err
	}
	rows, next := cut(rows, in.Limit, func(o domain.Order) string { return string(o.ID) })
	bodies := make([]AdminBody, 0, len(rows))
	for _, row := range rows {
		body, err := a.summary(ctx, row)
		if err != nil {
			return nil, err
		}
		bodies = append(bodies, body)
	}
	return pageWith("/v1/admin/orders", in.query(), in.Limit, bodies, next), nil
}

// query is what the next page is asked with, beside its cursor.
func (in adminListInput) query() url.Values {
	query := url.Values{}
	for name, value := range map[string]string{
		"status": string(in.Status), "attention": string(in.Attention), "product": string(in.Product), "user": string(in.User), "q": in.Text,
	} {
		if value != "" {
			query.Set(name, value)
		}
	}
	return query
}

func (a admin) summary(ctx context.Context, o domain.Order) (AdminBody, error) {
	body, err := a.body(ctx, o)
	return AdminBody{OrderBody: body, UserID: o.UserID, WebUI: a.webUI + "/workflows/" + url.PathEscape("order/"+string(o.ID))}, err
}

func (a admin) get(ctx context.Context, in *orderInput) (*output[adminDetail], error) {
	o, err := a.orders.Get(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	body, err := a.detail(ctx, o)
	return &output[adminDetail]{Body: body}, err
}

func (a admin) detail(ctx context.Context, o domain.Order) (detail adminDetail, err error) {
	detail.Events, detail.Payments, detail.Refunds, detail.Reservations = []auditBody{}, []paymentBody{}, []refundBody{}, []reservationBody{}
	if detail.AdminBody, err = a.summary(ctx, o); err != nil {
		return detail, err
	}
	events, err := a.rows.Events(ctx, o.ID, 0)
	if err != nil {
		return detail, err
	}
	for _, e := range events {
		detail.Events = append(detail.Events, auditBody{
			EventBody: EventBody{Status: e.Status, Reason: e.Reason, Attention: e.Attention, At: e.At}, Seq: e.Seq, Actor: e.Actor, Note: e.Note,
		})
	}
	payments, err := a.rows.Payments(ctx, o.ID)
	if err != nil {
		return detail, err
	}
	for _, p := range payments {
		detail.Payments = append(detail.Payments, paymentBodyOf(p))
	}
	refunds, err := a.support.Refunds(ctx, o.ID)
	if err != nil {
		return detail, err
	}
	for _, r := range refunds {
		detail.Refunds = append(detail.Refunds, refundBody{
			PaymentKey: r.PaymentKey, Seq: r.Seq, Amount: r.Amount.Amount, Reason: r.Reason, Status: r.Status, Code: r.Code, Attempts: r.Attempt,
		})
	}
	claims, err := a.support.Reservations(ctx, o.ID)
	for _, c := range claims {
		detail.Reservations = append(detail.Reservations,
			reservationBody{ProductID: c.ProductID, Quantity: c.Quantity, Status: c.Status, Ticket: ticketOf(o, c.ProductID)})
	}
	return detail, err
}

func ticketOf(o domain.Order, product domain.ProductID) int64 {
	for _, item := range o.Items {
		if item.ProductID == product {
			return item.Ticket
		}
	}
	return 0
}

// actLimit bounds how long an answer waits for the order to change after what staff asked for.
const actLimit = 2 * time.Second

// act sends what staff ask for to the order's workflow, and shows the order afterwards.
func (a admin) act(ctx context.Context, in *actionInput) (*output[adminDetail], error) {
	o, err := a.orders.Get(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	err = a.support.Act(ctx, o, domain.StaffAction{
		Name: in.Action, By: string(callerOf(ctx).ID), Note: normalized(in.Body.Note), Amount: in.Body.Amount, As: in.Body.As,
	})
	if err != nil {
		return nil, err
	}
	if o, err = a.orders.Changed(ctx, o, actLimit); err != nil {
		return nil, err
	}
	body, err := a.detail(ctx, o)
	return &output[adminDetail]{Body: body}, err
}
