package rest

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"

	"runrun/domain"
)

// OpenAPI returns the API's description, OpenAPI 3.1 as indented JSON.
func OpenAPI() ([]byte, error) {
	gin.SetMode(gin.ReleaseMode) // else it prints what it routes
	api := humagin.New(gin.New(), apiConfig())
	New(context.Background(), Config{}, Parts{}).routes(api)
	text, err := api.OpenAPI().MarshalJSON()
	if err != nil {
		return nil, err
	}
	var indented bytes.Buffer
	err = json.Indent(&indented, text, "", " ")
	return indented.Bytes(), err
}

func apiConfig() huma.Config {
	cfg := huma.DefaultConfig("RUNRUN", "1.0.0")
	cfg.Info.Description = "First-come-first-served checkout. Amounts are in the currency's minor unit (the won has " +
		"none), times are RFC 3339, errors are application/problem+json (RFC 9457) with a stable code."
	cfg.Info.License = &huma.License{Name: "MIT", Identifier: "MIT"}
	cfg.Info.Contact = &huma.Contact{Name: "The maintainers of RUNRUN"}
	cfg.Servers = []*huma.Server{{URL: "/", Description: "Where this description comes from"}}
	cfg.Tags = []*huma.Tag{
		{Name: "accounts", Description: "Sign up, log in, and what the shop knows of me."}, {Name: "products",
			Description: "Products on sale and their stock."},
		{Name: "orders", Description: "First come, first served."}, {Name: "payments", Description: "Paying an order."},
		{Name: "support", Description: "For support staff: find, understand and repair orders."},
	}
	cfg.DocsPath = "" // the pages are ours, from embedded files
	cfg.SchemasPath = ""
	cfg.Formats = map[string]huma.Format{"application/json": strictJSON(), "json": strictJSON()}
	cfg.RejectUnknownQueryParameters = true
	cfg.CreateHooks = nil // no $schema in answers
	cfg.Components.Schemas = huma.NewMapRegistry("#/components/schemas/", schemaName)
	cfg.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		bearer:       {Type: "http", Scheme: "bearer", BearerFormat: "JWT"},
		ticketScheme: {Type: "apiKey", In: "query", Name: "ticket", Description: "From POST /v1/orders/{id}/events/ticket."},
	}
	return cfg
}

// schemaNames are the names of schemas to readers, by those of our types.
var schemaNames = map[string]string{
	"PlaceBody":               "OrderRequest",
	"Item":                    "OrderRequestItem",
	"ItemBody":                "OrderItem",
	"LoginInputBody":          "LoginRequest",
	"LoginOutputBody":         "AccessToken",
	"ConfirmInputBody":        "PaymentConfirmation",
	"SellInputBody":           "ProductRequest",
	"StockInputBody":          "StockRequest",
	"ChangeProductInputBody":  "ProductChange",
	"BrandTerms":              "BrandRequest",
	"PageBodyBrandDetail":     "BrandPage",
	"PageBodyStockChangeBody": "StockChangePage",
	"TicketBody":              "EventsTicket",
	"PageBodyOrderBody":       "OrderPage",
	"PageBodyProductBody":     "ProductPage",
	"EventBody":               "OrderEvent",

	"EmailInputBody":             "EmailRequest",
	"VerifyInputBody":            "EmailVerification",
	"SignUpInputBody":            "SignUpRequest",
	"LogoutInputBody":            "LogoutRequest",
	"ProfileInputBody":           "ProfileChange",
	"PasswordInputBody":          "PasswordChange",
	"ErasureInputBody":           "ErasureRequest",
	"NewAddressInputBody":        "AddressRequest",
	"ActionInputBody":            "StaffAction",
	"AdminBody":                  "AdminOrder",
	"AdminDetail":                "AdminOrderDetail",
	"PageBodyAdminBody":          "AdminOrderPage",
	"WebhookInputBody":           "PaymentWebhook",
	"WebhookInputBodyDataStruct": "PaymentWebhookData",
}

func schemaName(t reflect.Type, hint string) string {
	name := huma.DefaultSchemaNamer(t, hint)
	if ours, known := schemaNames[name]; known {
		return ours
	}
	return strings.TrimSuffix(name, "Body")
}

// commonErrors are those that every operation may answer with, by what it takes.
func commonErrors(op huma.Operation) []int {
	errs := []int{http.StatusNotAcceptable, http.StatusUnprocessableEntity, http.StatusInternalServerError, http.StatusServiceUnavailable}
	if op.Method != http.MethodGet {
		errs = append(errs, http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType)
	}
	if strings.Contains(op.Path, "{") {
		errs = append(errs, http.StatusNotFound)
	}
	return errs
}

// describe adds to the description what the types of the handlers do not say.
func describe(doc *huma.OpenAPI) {
	schemas := doc.Components.Schemas
	order, event := ref[OrderBody](schemas), ref[EventBody](schemas)
	for _, item := range doc.Paths {
		for _, op := range []*huma.Operation{item.Get, item.Post, item.Put, item.Delete, item.Patch} {
			if op != nil {
				describeOperation(op)
			}
		}
	}
	place, confirm := doc.Paths["/v1/orders"].Post, doc.Paths["/v1/payments/confirm"].Post
	place.Responses["200"] = answers("A replay of an order that has moved on since: as it is now", order)
	place.Responses["202"] = answers("Accepted, not decided yet: follow Location", order)
	doc.Paths["/v1/orders/{id}/cancel"].Post.Responses["202"] = answers("CANCELING: the money is on its way back; follow Location", order)
	doc.Paths["/v1/orders/{id}/return"].Post.Responses["200"] = answers("RETURNED: the money is back", order)
	confirm.Responses["202"] = answers("PAYING: the gateway has not answered yet; follow Location", order)
	place.RequestBody.Content["application/json"].Example = map[string]any{
		"items":    []any{map[string]any{"productId": "prd_demo-5-sneaker", "quantity": 1}},
		"receiver": map[string]string{"name": "Kim Minji", "phone": "010-1234-5678", "zipCode": "04524", "address": "110 Sejong-daero, Seoul"},
	}
	for _, path := range []string{"/v1/orders/{id}", "/v1/products/{id}"} {
		doc.Paths[path].Get.Responses["304"] = &huma.Response{Description: "What the caller has still holds"}
	}
	events := doc.Paths["/v1/orders/{id}/events"].Get
	events.Responses["200"].Content["text/event-stream"] = &huma.MediaType{Schema: event}
	events.Responses["204"] = &huma.Response{Description: "Nothing will follow the last event"}
	doc.Paths["/v1/products/{id}/events"].Get.Responses["200"].Content["text/event-stream"] = &huma.MediaType{Schema: ref[stockBody](schemas)}
	for _, schema := range schemas.Map() {
		plain(schema)
	}
	describeWords(schemas.Map())
	addExamples(doc)
}

func ref[T any](schemas huma.Registry) *huma.Schema {
	return schemas.Schema(reflect.TypeFor[T](), true, "")
}

func answers(description string, schema *huma.Schema) *huma.Response {
	return &huma.Response{Description: description, Content: map[string]*huma.MediaType{"application/json": {Schema: schema}}}
}

// describeOperation marks required parameters. huma does not check them; the handlers do, and answer with a code of their own.
func describeOperation(op *huma.Operation) {
	if op.Description == "" {
		op.Description = op.Summary + "."
	}
	for _, parameter := range op.Parameters {
		plain(parameter.Schema)
		if parameter.Name == "Idempotency-Key" {
			parameter.Required = true
			parameter.Example = "8e03978e-40d5-43e8-bc93-6894a57f9324"
		}
	}
}

// plain leaves out what only the validator reads, and that no array is null.
func plain(s *huma.Schema) {
	if s == nil {
		return
	}
	s.PatternDescription = ""
	if s.Type == huma.TypeArray {
		s.Nullable = false
	}
	plain(s.Items)
	for _, property := range s.Properties {
		plain(property)
	}
}

// describeWords lists the words that codes, reasons and attention can be.
func describeWords(schemas map[string]*huma.Schema) {
	var codes, statuses, reasons, attentions []any
	for _, code := range slices.Sorted(slices.Values(Codes())) {
		codes = append(codes, code)
	}
	for _, status := range domain.OrderStatuses() {
		statuses = append(statuses, status)
	}
	for _, reason := range domain.Reasons() {
		reasons = append(reasons, reason)
	}
	for _, attention := range domain.Attentions() {
		attentions = append(attentions, attention)
	}
	for name, words := range map[string][]any{
		"Problem.code": codes, "Problem.orderStatus": statuses, "Problem.orderReason": reasons, "Order.reason": reasons,
		"Order.attention":   attentions,
		"OrderEvent.status": statuses, "OrderEvent.reason": reasons, "OrderEvent.attention": attentions, "Checkout.status": statuses,
	} {
		schema, property, _ := strings.Cut(name, ".")
		schemas[schema].Properties[property].Enum = words
	}
}
