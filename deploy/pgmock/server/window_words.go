package server

// windowWords is what the payment window says, in each language.
var windowWords = map[string]map[string]string{
	"en": {
		"title": "Payment", "order": "Order", "amount": "Amount", "card": "Card", "number": "Card number", "expiry": "Valid until (MM/YY)",
		"code": "Security code", "holder": "Name on the card", "pay": "Pay", "close": "Cancel and go back",
		"mock": "A mock: no money moves, and nothing of the card is sent.", "test": "Test",
		"decline": "Let the card be refused", "hang": "Let the window hang for a minute", "to": "Paid to",
	},
	"ko": {
		"title": "결제", "order": "주문", "amount": "결제 금액", "card": "카드", "number": "카드 번호", "expiry": "유효 기간 (MM/YY)",
		"code": "보안 코드", "holder": "카드에 적힌 이름", "pay": "결제하기", "close": "취소하고 돌아가기",
		"mock": "모의 결제창입니다. 돈은 움직이지 않고 카드 정보는 전송되지 않습니다.", "test": "테스트",
		"decline": "카드를 거절하게 하기", "hang": "1분 동안 멈추게 하기", "to": "받는 곳",
	},
}
