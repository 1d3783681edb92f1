package rest

import (
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"runrun/domain"
)

// exampleTime is the time of every example.
const exampleTime = "2026-11-28T12:00:00Z"

// exampleIDs are the examples of ids, by the property and, for id itself, by the schema.
var exampleIDs = map[string]string{
	"Order.id": "ord_0192f3a1b2c37def8a9b0c1d2e3f4a5b", "AdminOrder.id": "ord_0192f3a1b2c37def8a9b0c1d2e3f4a5b",
	"AdminOrderDetail.id": "ord_0192f3a1b2c37def8a9b0c1d2e3f4a5b", "orderId": "ord_0192f3a1b2c37def8a9b0c1d2e3f4a5b",
	"Product.id": "prd_demo-5-sneaker", "productId": "prd_demo-5-sneaker",
	"Brand.id": "brd_demo-hanok", "BrandDetail.id": "brd_demo-hanok", "QuoteBrand.id": "brd_demo-hanok", "brandId": "brd_demo-hanok",
	"Account.id": "usr_demo-shopper", "userId": "usr_demo-shopper", "by": "usr_demo-seller",
	"Address.id": "adr_0192f3a1b2c37def8a9b0c1d2e3f4a5c", "addressId": "adr_0192f3a1b2c37def8a9b0c1d2e3f4a5c",
}

// exampleWords are examples of properties that stand in several schemas.
var exampleWords = map[string]any{ //nolint:gosec // made up
	"name": "Hanok Sneaker", "orderName": "Hanok Sneaker", "category": "Sneakers", "currency": domain.KRW, "status": "HELD",
	"email": "minji@example.com", "phone": "010-1234-5678", "zipCode": "04524", "address": "110 Sejong-daero, Seoul",
	"password": "Runrun-2024!", "currentPassword": "Runrun-2024!", "newPassword": "Runrun-2025!",
	"paymentKey": "tgen_20261128120000abcd", "note": "the shopper called", "accessToken": "eyJhbGciOiJIUzI1NiIsInR5cCI6ImF0K2p3dCJ9.…",
	"ticket": "eyJhbGciOiJIUzI1NiIsInR5cCI6ImV0K2p3dCJ9.…", "webUi": "https://temporal.example/namespaces/default/workflows/order%2Ford_0192",
	"totalAmount": 75650, "deliveryFee": 0, "paymentAmount": 75650, "unitPrice": 75650, "lineAmount": 75650, "price": 89000, "amount": 75650,
	"discountedPrice": 75650, "discount": 15, "quantity": 1, "total": 50, "available": 49, "held": 1, "sold": 0,
	"version": 2, "seq": 1, "attempt": 1, "attempts": 0, "freeDeliveryFrom": 50000,
}

// addExamples gives every body of the description an example, and every error one for each of its codes.
func addExamples(doc *huma.OpenAPI) {
	schemas := doc.Components.Schemas
	doc.Components.Examples = map[string]*huma.Example{}
	for _, code := range Codes() {
		doc.Components.Examples[string(code)] = &huma.Example{Summary: string(code), Value: problemExample(code)}
	}
	for _, item := range doc.Paths {
		for _, op := range []*huma.Operation{item.Get, item.Post, item.Put, item.Delete, item.Patch} {
			if op == nil {
				continue
			}
			if op.RequestBody != nil {
				addExample(schemas, op.RequestBody.Content)
			}
			for status, response := range op.Responses {
				addExample(schemas, response.Content)
				if problem := response.Content["application/problem+json"]; problem != nil {
					problem.Examples = problemExamples(op, status)
				}
			}
		}
	}
}

func addExample(schemas huma.Registry, content map[string]*huma.MediaType) {
	if media := content["application/json"]; media != nil && media.Example == nil && media.Schema != nil {
		media.Example = exampleOf(schemas, media.Schema, "", "")
	}
}

// exampleOf builds an example of a schema: of an object what is required, and what has an example of its own.
func exampleOf(schemas huma.Registry, s *huma.Schema, schema, property string) any {
	if s.Ref != "" {
		name := s.Ref[strings.LastIndex(s.Ref, "/")+1:]
		return exampleOf(schemas, schemas.SchemaFromRef(s.Ref), name, property)
	}
	if s.Type == huma.TypeObject {
		example := map[string]any{}
		for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
			if of := s.Properties[name]; slices.Contains(s.Required, name) || len(of.Examples) > 0 {
				example[name] = exampleOf(schemas, of, schema, name)
			}
		}
		return example
	}
	if s.Type == huma.TypeArray {
		return []any{exampleOf(schemas, s.Items, schema, property)}
	}
	return exampleValue(s, schema, property)
}

// exampleValue is an example of a value that is neither object nor array.
func exampleValue(s *huma.Schema, schema, property string) any {
	if len(s.Examples) > 0 {
		return s.Examples[0]
	}
	word, known := exampleWords[property]
	_, text := word.(string)
	known = known && text == (s.Type == huma.TypeString)
	id := exampleIDs[schema+"."+property] + exampleIDs[property]
	switch {
	case id != "":
		return id
	case known && (len(s.Enum) == 0 || slices.Contains(s.Enum, word)):
		return word
	case len(s.Enum) > 0:
		return s.Enum[0]
	case s.Format == "date-time":
		return exampleTime
	case s.Type == huma.TypeBoolean:
		return true
	case s.Type == huma.TypeInteger || s.Type == huma.TypeNumber:
		return 1
	}
	return "text"
}

// usualCodes are those of a status that most operations may answer with.
var usualCodes = map[int][]domain.Code{
	http.StatusBadRequest:            {CodeMalformedRequest},
	http.StatusUnauthorized:          {domain.CodeUnauthenticated, domain.CodeTokenInvalid, domain.CodeTokenExpired},
	http.StatusForbidden:             {domain.CodeForbidden},
	http.StatusNotFound:              {domain.CodeNotFound},
	http.StatusMethodNotAllowed:      {CodeMethodNotAllowed},
	http.StatusNotAcceptable:         {CodeNotAcceptable},
	http.StatusConflict:              {domain.CodeConflict},
	http.StatusRequestEntityTooLarge: {CodePayloadTooLarge},
	http.StatusUnsupportedMediaType:  {CodeUnsupportedMediaType},
	http.StatusUnprocessableEntity:   {domain.CodeValidation},
	http.StatusTooManyRequests:       {domain.CodeTooManyRequests},
	http.StatusInternalServerError:   {domain.CodeInternal},
	http.StatusServiceUnavailable:    {domain.CodeUnavailable, domain.CodeOverloaded},
}

var codeWord = regexp.MustCompile(`\b[A-Z][A-Z_]{3,}\b`)

// problemExamples refer to the examples of the codes that an operation may answer with: those that its description names, and the usual
// ones of the status where it names none.
func problemExamples(op *huma.Operation, status string) map[string]*huma.Example {
	examples := map[string]*huma.Example{}
	add := func(code domain.Code) {
		examples[string(code)] = &huma.Example{Ref: "#/components/examples/" + string(code)}
	}
	for _, word := range codeWord.FindAllString(op.Description, -1) {
		if code := domain.Code(word); strconv.Itoa(statuses[code]) == status {
			add(code)
		}
	}
	number, _ := strconv.Atoi(status)
	named := len(examples) > 0 && (number == http.StatusConflict || number == http.StatusPaymentRequired)
	for _, code := range usualCodes[number] {
		if !named {
			add(code)
		}
	}
	return examples
}

// problemExample is a problem document with a code.
func problemExample(code domain.Code) map[string]any {
	example := map[string]any{
		"type": problemType(code), "title": http.StatusText(statuses[code]), "status": statuses[code], "detail": explanations[code],
		"code": code, "retryable": code.Retryable(), "traceId": "4bf92f3577b34da6a3ce929d0e0e4736",
	}
	for name, value := range map[domain.Code]map[string]any{
		domain.CodeNotOpenYet:      {"orderingOpensAt": exampleTime},
		domain.CodeOrderState:      {"orderStatus": domain.StatusExpired, "orderReason": domain.ReasonUnpaid},
		domain.CodePaymentDeclined: {"orderStatus": domain.StatusHeld, "declineCode": "REJECT_CARD_PAYMENT", "attemptsLeft": 2},
		domain.CodeValidation:      {"errors": []any{map[string]any{"pointer": "/items/0/quantity", "detail": "1 to 100"}}},
		domain.CodeUnknownProduct:  {"errors": []any{map[string]any{"pointer": "/items/0/productId", "detail": "unknown"}}},
	}[code] {
		example[name] = value
	}
	return example
}
