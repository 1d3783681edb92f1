package rest

import (
	"context"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"runrun/domain"
)

// access is the rule of one operation: which callers it accepts.
type access struct {
	// token demands an access token, of one of the roles if there are any.
	token bool
	roles []domain.Role
	// ticket takes a stream ticket in the place of the token.
	ticket bool
	// owned operations are about something of the caller; what is another's does not exist: 404.
	owned bool
}

// The rules that most operations share.
var (
	anybody   = access{}
	signedIn  = access{token: true}
	owner     = access{token: true, owned: true}
	seller    = access{token: true, roles: []domain.Role{domain.RoleSeller}}
	itsSeller = access{token: true, roles: []domain.Role{domain.RoleSeller}, owned: true}
	staff     = access{token: true, roles: []domain.Role{domain.RoleStaff}}
)

// rules is the one table of who may call what, by operation id. An operation without a row does not start; a test walks all.
var rules = map[string]access{
	"startEmailAuth":    anybody,
	"verifyEmail":       anybody,
	"signUp":            anybody,
	"login":             anybody,
	"refreshToken":      anybody, // the refresh cookie says who
	"logout":            anybody, // so it does here
	"getProfile":        signedIn,
	"changeProfile":     signedIn,
	"changePassword":    signedIn,
	"eraseAccount":      signedIn,
	"listAddresses":     signedIn,
	"addAddress":        signedIn,
	"changeAddress":     owner,
	"setDefaultAddress": owner,
	"deleteAddress":     owner,

	"listProducts":     anybody,
	"getProduct":       anybody,
	"getStock":         anybody,
	"followStock":      anybody,
	"listCategories":   anybody,
	"listBrands":       anybody,
	"getBrand":         anybody,
	"getImage":         anybody,
	"likeProduct":      signedIn,
	"unlikeProduct":    signedIn,
	"createBrand":      seller,
	"listMyBrands":     seller,
	"changeBrand":      itsSeller,
	"setBrandImage":    itsSeller,
	"createProduct":    itsSeller,
	"changeProduct":    itsSeller,
	"deleteProduct":    itsSeller,
	"setProductImage":  itsSeller,
	"changeStock":      itsSeller,
	"listStockChanges": itsSeller,
	"getDemand":        itsSeller,

	"getCart":        signedIn,
	"addToCart":      signedIn,
	"changeCart":     signedIn,
	"removeFromCart": signedIn,
	"quote":          anybody,

	"placeOrder":         signedIn,
	"listOrders":         signedIn,
	"getOrder":           owner,
	"cancelOrder":        owner,
	"returnOrder":        owner,
	"extendOrder":        owner,
	"followOrder":        {token: true, ticket: true, owned: true},
	"createEventsTicket": owner,

	"getCheckout":           owner,
	"confirmPayment":        owner,
	"receivePaymentWebhook": anybody, // nothing in it is believed

	"listAdminOrders": staff,
	"getAdminOrder":   staff,
	"actOnOrder":      staff,
}

// secure gives an operation the security and the errors of its rule.
func secure(op *huma.Operation) access {
	rule, known := rules[op.OperationID]
	if !known {
		panic("rest: " + op.OperationID + " has no row in the table of rules") // at every start, and in every test
	}
	op.Security = []map[string][]string{}
	if rule.token {
		op.Security = append(op.Security, map[string][]string{bearer: {}})
		op.Errors = append(op.Errors, http.StatusUnauthorized)
	}
	if rule.ticket {
		op.Security = append(op.Security, map[string][]string{ticketScheme: {}})
	}
	if len(rule.roles) > 0 {
		op.Errors = append(op.Errors, http.StatusForbidden)
	}
	if rule.owned {
		op.Errors = append(op.Errors, http.StatusNotFound)
	}
	slices.Sort(op.Errors)
	op.Errors = slices.Compact(op.Errors)
	return rule
}

// allow returns an error unless the caller has a role that the operation takes.
// Errors: Forbidden.
func (a access) allow(role domain.Role) error {
	if len(a.roles) == 0 || slices.Contains(a.roles, role) {
		return nil
	}
	return domain.Errorf(domain.CodeForbidden, "this is for the role %s, and not for %s", a.roles[0], role)
}

// register registers an operation whose handler writes its own errors, by its rule.
func register[I, O any](api huma.API, op huma.Operation, do func(context.Context, *I) (*O, error)) {
	secure(&op)
	huma.Register(api, op, do)
}
