package gateway

import (
	"slices"
	"strings"

	"runrun/domain"
)

// Codes of our own, where the gateway gave none.
const (
	codeNoAnswer   = "NO_ANSWER"
	codeUnreadable = "UNREADABLE_ANSWER"
	codeNotOurs    = "NOT_OUR_PAYMENT"

	// codeProcessing is the gateway's: the first request under this idempotency key is still running.
	codeProcessing = "IDEMPOTENT_REQUEST_PROCESSING"
)

var (
	// declines are definite: nothing was charged, and the shopper has to do something else. The families come on top.
	declines = []string{
		"BELOW_MINIMUM_AMOUNT", "FDS_ERROR", "NOT_FOUND_PAYMENT_SESSION", "NOT_FOUND_PAYMENT", "UNAPPROVED_ORDER_ID",
		"NOT_AVAILABLE_PAYMENT", "NOT_AVAILABLE_BANK", "INVALID_AUTHORIZE_AUTH", "INVALID_PASSWORD", "NOT_ALLOWED_POINT_USE",
		"NOT_SUPPORTED_INSTALLMENT_PLAN_CARD_OR_MERCHANT", "NOT_SUPPORTED_MONTHLY_INSTALLMENT_PLAN",
		"NOT_SUPPORTED_MONTHLY_INSTALLMENT_PLAN_BELOW_AMOUNT", "RESTRICTED_TRANSFER_ACCOUNT", "INVALID_ACCOUNT_INFO_RE_REGISTER",
	}
	// faults are ours: nothing was charged, and the shopper cannot help it.
	faults = []string{
		"UNAUTHORIZED_KEY", "INVALID_API_KEY", "INCORRECT_BASIC_AUTH_FORMAT", "INVALID_REQUEST", "FORBIDDEN_REQUEST", "INVALID_IDEMPOTENCY_KEY",
		"NOT_FOUND_TERMINAL_ID", "INVALID_UNREGISTERED_SUBMALL", "NOT_REGISTERED_BUSINESS",
	}
	// permanent are refunds that the gateway will never make.
	permanent = []string{
		"REFUND_REJECTED", "FORBIDDEN_BANK_REFUND_REQUEST", "NOT_ALLOWED_PARTIAL_REFUND", "NOT_ALLOWED_PARTIAL_REFUND_WAITING_DEPOSIT",
		"INVALID_REFUND_ACCOUNT_INFO", "INVALID_REFUND_ACCOUNT_NUMBER", "INVALID_BANK",
		"UNAUTHORIZED_KEY", "INVALID_API_KEY", "INCORRECT_BASIC_AUTH_FORMAT", "INVALID_REQUEST", "FORBIDDEN_REQUEST", "INVALID_IDEMPOTENCY_KEY",
		"NOT_FOUND_PAYMENT",
	}
)

// confirmOutcome reads the code of a confirm that failed. What is not listed is unknown: it may have charged.
func confirmOutcome(code string) domain.Outcome {
	switch {
	case slices.Contains(faults, code):
		return domain.OutcomeFault
	case slices.Contains(declines, code), strings.HasPrefix(code, "REJECT_"), strings.HasPrefix(code, "EXCEED_"),
		strings.HasPrefix(code, "INVALID_") && strings.Contains(code, "CARD"):
		return domain.OutcomeDeclined
	}
	return domain.OutcomeUnknown
}

// cancelOutcome reads the code of a cancel that failed.
func cancelOutcome(code string) domain.RefundOutcome {
	switch {
	case code == "NOT_CANCELABLE_AMOUNT": // what it says when the money is back already
		return domain.RefundUnproven
	case slices.Contains(permanent, code), strings.HasPrefix(code, "NOT_CANCELABLE_"), strings.HasPrefix(code, "EXCEED_"):
		return domain.RefundDenied
	case code == "FORBIDDEN_CONSECUTIVE_REQUEST", code == "NOT_AVAILABLE_BANK", code == "FAILED_PARTIAL_REFUND":
		return domain.RefundLater
	}
	return domain.RefundUnproven
}

// confirmed reads the payment that a successful confirm returned: only DONE, of our order and amount, is paid.
func confirmed(p payment, want domain.Payment) domain.PaymentResult {
	if p.Status == "DONE" && p.ours(want) {
		return domain.PaymentResult{
			Outcome: domain.OutcomePaid, ApprovedAt: p.ApprovedAt, Method: p.Method, ReceiptURL: p.receiptURL(),
		}
	}
	return domain.PaymentResult{
		Outcome: domain.OutcomeUnknown,
		Code:    p.Status,
		Message: "the gateway answered with a payment that is not done",
	}
}

// found reads the payment that a lookup returned.
func found(p payment, want domain.Payment) domain.PaymentResult {
	result := domain.PaymentResult{Outcome: domain.OutcomeUnknown, Code: p.Status, Refunded: p.TotalAmount - p.BalanceAmount}
	switch {
	case p.OrderID != string(want.OrderID):
		// The key belongs to another order. It can never pay ours, whatever becomes of it.
		return domain.PaymentResult{Outcome: domain.OutcomeDeclined, Code: codeNotOurs}
	case (p.Status == "DONE" || p.Status == "PARTIAL_CANCELED" && p.BalanceAmount > 0) && p.ours(want):
		result.Outcome, result.Code, result.ApprovedAt = domain.OutcomePaid, "", p.ApprovedAt
		result.Method, result.ReceiptURL = p.Method, p.receiptURL()
	case p.Status == "ABORTED" || p.Status == "EXPIRED" || p.canceled():
		result.Outcome = domain.OutcomeDeclined
		if p.Failure != nil {
			result.Code, result.Message = p.Failure.Code, p.Failure.Message
		}
	case p.Status == "READY" || p.Status == "IN_PROGRESS":
		result.Outcome = domain.OutcomeUnconfirmed
	}
	return result
}

// missing reports whether a look-up says that the gateway does not know the payment.
func missing(code string) bool { return code == "NOT_FOUND_PAYMENT" || code == "NOT_FOUND" }
