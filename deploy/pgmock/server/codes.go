package server

import "net/http"

// Error codes of the three calls with their HTTP status, as the reference lists them.
var (
	commonErrors = map[string]int{
		"UNAUTHORIZED_KEY": 401, "INCORRECT_BASIC_AUTH_FORMAT": 403, "INVALID_IDEMPOTENCY_KEY": 400, "IDEMPOTENT_REQUEST_PROCESSING": 409,
		"FAILED_PAYMENT_INTERNAL_SYSTEM_PROCESSING": 500, "FAILED_INTERNAL_SYSTEM_PROCESSING": 500, "UNKNOWN_PAYMENT_ERROR": 500,
		"INVALID_REQUEST": 400, "NOT_FOUND_PAYMENT": 404, "FORBIDDEN_REQUEST": 403,
	}
	confirmErrors = with(commonErrors, map[string]int{
		"ALREADY_PROCESSED_PAYMENT": 400, "PROVIDER_ERROR": 400, "INVALID_API_KEY": 400, "INVALID_CARD_NUMBER": 400,
		"INVALID_STOPPED_CARD": 400, "INVALID_CARD_EXPIRATION": 400, "INVALID_REJECT_CARD": 400, "INVALID_CARD_LOST_OR_STOLEN": 400,
		"EXCEED_MAX_AMOUNT": 400, "EXCEED_MAX_CARD_INSTALLMENT_PLAN": 400, "BELOW_MINIMUM_AMOUNT": 400,
		"EXCEED_MAX_DAILY_PAYMENT_COUNT": 400, "EXCEED_MAX_PAYMENT_AMOUNT": 400, "INVALID_AUTHORIZE_AUTH": 400,
		"NOT_AVAILABLE_PAYMENT": 400, "UNAPPROVED_ORDER_ID": 400, "EXCEED_MAX_MONTHLY_PAYMENT_AMOUNT": 400, "CARD_PROCESSING_ERROR": 400,
		"REJECT_CARD_PAYMENT": 403, "REJECT_CARD_COMPANY": 403, "REJECT_ACCOUNT_PAYMENT": 403, "REJECT_TOSSPAY_INVALID_ACCOUNT": 403,
		"EXCEED_MAX_AUTH_COUNT": 403, "EXCEED_MAX_ONE_DAY_AMOUNT": 403, "NOT_AVAILABLE_BANK": 403, "INVALID_PASSWORD": 403, "FDS_ERROR": 403,
		"NOT_FOUND_PAYMENT_SESSION": 404,
	})
	lookupErrors = with(commonErrors, map[string]int{"FORBIDDEN_CONSECUTIVE_REQUEST": 403})
	cancelErrors = with(commonErrors, map[string]int{
		"ALREADY_CANCELED_PAYMENT": 400, "NOT_MATCHES_REFUNDABLE_AMOUNT": 400, "PROVIDER_ERROR": 400, "REFUND_REJECTED": 400,
		"ALREADY_REFUND_PAYMENT": 400, "FORBIDDEN_BANK_REFUND_REQUEST": 400, "NOT_CANCELABLE_AMOUNT": 403, "NOT_CANCELABLE_PAYMENT": 403,
		"FORBIDDEN_CONSECUTIVE_REQUEST": 403, "EXCEED_MAX_REFUND_DUE": 403, "NOT_ALLOWED_PARTIAL_REFUND": 403, "EXCEED_CANCEL_LIMIT": 403,
		"FAILED_REFUND_PROCESS": 500, "FAILED_METHOD_HANDLING_CANCEL": 500, "COMMON_ERROR": 500,
	})
)

// undecided are the errors of a confirm that leave the session as it was; every other error aborts it.
var undecided = map[string]bool{
	"ALREADY_PROCESSED_PAYMENT": true, "PROVIDER_ERROR": true, "CARD_PROCESSING_ERROR": true, "INVALID_REQUEST": true,
	"INVALID_API_KEY": true, "UNAUTHORIZED_KEY": true, "INCORRECT_BASIC_AUTH_FORMAT": true, "FORBIDDEN_REQUEST": true,
	"INVALID_IDEMPOTENCY_KEY": true, "IDEMPOTENT_REQUEST_PROCESSING": true, "NOT_FOUND_PAYMENT": true,
}

// aborts says whether a confirm that fails with code ends the session.
func aborts(code string, status int) bool {
	return status < http.StatusInternalServerError && !undecided[code]
}

func with(base, more map[string]int) map[string]int {
	all := map[string]int{}
	for _, table := range []map[string]int{base, more} {
		for code, status := range table {
			all[code] = status
		}
	}
	return all
}

// failure is an answer that is not a success.
type failure struct {
	status        int
	Code, Message string
}

func fail(table map[string]int, code string) *failure {
	status, ok := table[code]
	if !ok {
		status = http.StatusInternalServerError
	}
	return &failure{status: status, Code: code, Message: "mock: " + code}
}
