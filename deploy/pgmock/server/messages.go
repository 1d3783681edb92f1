package server

import (
	"net/http"
	"strings"
)

// messages are what the gateway says beside a code, in English and in Korean, where the wording is known; the others are made of
// the code.
var messages = map[string][2]string{
	"ALREADY_CANCELED_PAYMENT": {
		"This payment has already been canceled.", "이미 취소된 결제 입니다.",
	},
	"ALREADY_PROCESSED_PAYMENT": {
		"This is a payment that has already been processed.", "이미 처리된 결제 입니다.",
	},
	"BELOW_MINIMUM_AMOUNT": {
		"The minimum is 100 won for a credit card and 200 won for an account.", "신용카드는 결제금액이 100원 이상, 계좌는 200원이상부터 결제가 가능합니다.",
	},
	"EXCEED_MAX_AMOUNT": {
		"The amount exceeds the limit of the transaction.", "거래금액 한도를 초과했습니다.",
	},
	"FAILED_INTERNAL_SYSTEM_PROCESSING": {
		"The internal system processing operation has failed. Please try again later.", "내부 시스템 처리 작업이 실패했습니다. 잠시 후 다시 시도해주세요.",
	},
	"FAILED_PAYMENT_INTERNAL_SYSTEM_PROCESSING": {
		"The payment was not completed. Please try again later.", "결제가 완료되지 않았어요. 다시 시도해주세요.",
	},
	"FDS_ERROR": {
		"The payment is restricted, since a risky transaction was detected.", "[토스페이먼츠] 위험거래가 감지되어 결제가 제한됩니다.",
	},
	"FORBIDDEN_CONSECUTIVE_REQUEST": {
		"Repetitive requests are not allowed. Please try again later.", "반복적인 요청은 허용되지 않습니다. 잠시 후 다시 시도해주세요.",
	},
	"FORBIDDEN_REQUEST": {
		"Not allowed request.", "허용되지 않은 요청입니다.",
	},
	"IDEMPOTENT_REQUEST_PROCESSING": {
		"The previous idempotent request is still being processed.", "이전 멱등 요청이 처리중입니다.",
	},
	"INCORRECT_BASIC_AUTH_FORMAT": {
		"Invalid basic authorization. Please include ':' after the key.", "잘못된 요청입니다. ':' 를 포함해 인코딩해주세요.",
	},
	"INVALID_IDEMPOTENCY_KEY": {
		"The idempotency key must be 300 characters or fewer.", "멱등키는 300자 이하여야 합니다.",
	},
	"INVALID_PASSWORD": {
		"The payment password does not match.", "결제 비밀번호가 일치하지 않습니다.",
	},
	"INVALID_REQUEST": {
		"The bad request.", "잘못된 요청입니다.",
	},
	"NOT_CANCELABLE_AMOUNT": {
		"This amount cannot be canceled.", "취소 할 수 없는 금액 입니다.",
	},
	"NOT_CANCELABLE_PAYMENT": {
		"This payment cannot be canceled.", "취소 할 수 없는 결제 입니다.",
	},
	"NOT_FOUND_PAYMENT": {
		"Not found payment.", "존재하지 않는 결제 입니다.",
	},
	"NOT_FOUND_PAYMENT_SESSION": {
		"Payment session does not exist because the session time has expired.", "결제 시간이 만료되어 결제 진행 데이터가 존재하지 않습니다.",
	},
	"NOT_MATCHES_REFUNDABLE_AMOUNT": {
		"The cancel balance does not match.", "잔액 결과가 일치하지 않습니다.",
	},
	"PROVIDER_ERROR": {
		"Temporary error. Please try again later.", "일시적인 오류가 발생했습니다. 잠시 후 다시 시도해주세요.",
	},
	"REFUND_REJECTED": {
		"The refund was rejected. Please contact the provider.", "환불이 거절됐습니다. 결제사에 문의 부탁드립니다.",
	},
	"REJECT_CARD_COMPANY": {
		"Payment was declined by the card company.", "결제 승인이 거절되었습니다.",
	},
	"REJECT_CARD_PAYMENT": {
		"Payment was declined due to exceeding limit or insufficient balance.", "한도초과 혹은 잔액부족으로 결제에 실패했습니다.",
	},
	"UNAUTHORIZED_KEY": {
		"Unauthorized secretKey or clientKey.", "인증되지 않은 시크릿 키 혹은 클라이언트 키 입니다.",
	},
	"UNKNOWN_PAYMENT_ERROR": {
		"Payment failed. Please contact your bank or card company if the same problem persists.", "결제에 실패했어요. 같은 문제가 반복된다면 은행이나 카드사로 문의해주세요.",
	},
}

// message returns the text of a code; Korean is the gateway's own language.
func message(code string, english bool) string {
	text, known := messages[code]
	switch {
	case known && english:
		return text[0]
	case known:
		return text[1]
	case english:
		return "The request failed: " + strings.ToLower(strings.ReplaceAll(code, "_", " ")) + "."
	}
	return "요청이 실패했습니다: " + code
}

// in says a failure in the language that the caller accepts.
func (f *failure) in(r *http.Request) *failure {
	said := *f
	said.Message = message(f.Code, strings.HasPrefix(strings.ToLower(r.Header.Get("Accept-Language")), "en"))
	return &said
}
