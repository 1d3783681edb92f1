// Korean and English. A text is a function of its values, so that each language has its own order of words.
const ko = {
  shop: "RUNRUN", drops: "드롭", cart: "장바구니", orders: "내 주문", logIn: "로그인", logOut: "로그아웃", signUp: "회원가입", email: "이메일",
  password: "비밀번호", name: "이름", phone: "휴대폰", zipCode: "우편번호", address: "주소", code: "인증 코드", sendCode: "인증 코드 받기", verify: "확인",
  upcoming: "곧 열립니다", open: "판매 중", soldOut: "품절", closed: "마감", left: (/** @type {number} */ n) => `${n.toLocaleString("ko")}개 남음`,
  limit: (/** @type {number} */ n) => `1인당 ${n}개까지`, opensIn: "오픈까지", opened: "지금 열렸습니다", order: "주문하기", ordering: "주문하는 중…",
  retrying: "사람이 많습니다. 같은 주문으로 다시 시도하고 있습니다. 창을 닫아도 두 번 주문되지 않습니다.", addToCart: "장바구니에 담기", inCart: "담았습니다",
  quantity: "수량", deliveryFee: "배송비", total: "합계", free: "무료", remove: "빼기", emptyCart: "장바구니가 비어 있습니다.", unavailable: "판매하지 않는 상품",
  inLine: "줄을 서 있습니다", position: (/** @type {number} */ n) => `내 앞에 ${n - 1}명`, wait: (/** @type {number} */ a, /** @type {number} */ b) => `약 ${a}–${b}초`,
  leaveLine: "줄에서 나가기", held: "상품을 확보했습니다", payWithin: "남은 결제 시간", pay: "결제하기", paying: "결제를 확인하는 중입니다…", placed: "주문이 완료되었습니다",
  declined: (/** @type {number} */ n) => `결제가 거절되었습니다. 돈은 빠져나가지 않았습니다. ${n}번 더 시도할 수 있습니다.`, cancel: "주문 취소", giveBack: "반품하기",
  expired: "결제 시간이 지나 상품이 돌아갔습니다. 돈은 빠져나가지 않았습니다.", canceled: "취소된 주문입니다. 결제했다면 환불됩니다.", refused: "주문하지 못했습니다. 돈은 빠져나가지 않았습니다.",
  receiver: "받는 분", receipt: "영수증 보기", status: "상태", again: "다시 시도", offline: "연결이 끊겼습니다. 다시 연결하고 있습니다.", notFound: "찾을 수 없습니다.",
  noOrders: "아직 주문이 없습니다.", windowClosed: "결제창을 닫았습니다. 상품은 아직 확보되어 있습니다.", needAddress: "배송지를 등록해 주세요.", save: "저장", language: "English",
  minutesLeft: (/** @type {number} */ n) => (n > 0 ? `결제 시간이 ${n}분 남았습니다` : "결제 시간이 끝났습니다"), search: "상품 찾기", skip: "본문으로",
  sell: "판매", staff: "고객 지원", brand: "브랜드", legalName: "상호", registrationNumber: "사업자등록번호", freeFrom: "무료 배송 기준", newBrand: "브랜드 만들기",
  newProduct: "상품 올리기", category: "카테고리", price: "가격", discount: "할인율 (%)", units: "재고", opensAt: "오픈 시각 (비우면 지금)", limitEach: "1인당 구매 수 (0은 무제한)",
  picture: "사진", stock: "재고", available: "남음", heldUnits: "결제 대기", sold: "판매됨", addUnits: "재고 변경", reason: "사유", ledger: "재고 기록",
  attention: "확인 필요", all: "전체", find: "주문 번호 또는 결제 키", history: "기록", money: "결제와 환불", unitsOf: "상품", openWorkflow: "Temporal에서 열기", note: "메모",
};

/** @type {typeof ko} */
const en = {
  shop: "RUNRUN", drops: "Drops", cart: "Cart", orders: "My orders", logIn: "Log in", logOut: "Log out", signUp: "Sign up", email: "E-mail",
  password: "Password", name: "Name", phone: "Phone", zipCode: "Zip code", address: "Address", code: "Code", sendCode: "Send me a code", verify: "Confirm",
  upcoming: "Upcoming", open: "Open", soldOut: "Sold out", closed: "Closed", left: (n) => `${n.toLocaleString("en")} left`,
  limit: (n) => `${n} for each shopper`, opensIn: "Opens in", opened: "Open now", order: "Order", ordering: "Ordering…",
  retrying: "Many people are here. The same order is being sent again; closing this page does not order twice.", addToCart: "Add to cart", inCart: "In your cart",
  quantity: "Quantity", deliveryFee: "Delivery", total: "Total", free: "free", remove: "Remove", emptyCart: "Your cart is empty.", unavailable: "Not sold any more",
  inLine: "You are in line", position: (n) => `${n - 1} ahead of you`, wait: (a, b) => `about ${a} to ${b} seconds`,
  leaveLine: "Leave the line", held: "These are yours for now", payWithin: "Time left to pay", pay: "Pay", paying: "Your payment is being confirmed…", placed: "Your order is placed",
  declined: (n) => `The payment was declined and nothing was charged. You can try ${n} more times.`, cancel: "Cancel order", giveBack: "Return",
  expired: "The time to pay is over and the units went back. Nothing was charged.", canceled: "This order was canceled. What was paid is refunded.", refused: "It could not be ordered. Nothing was charged.",
  receiver: "Receiver", receipt: "Receipt", status: "Status", again: "Try again", offline: "The connection is gone; trying again.", notFound: "There is nothing here.",
  noOrders: "No orders yet.", windowClosed: "You closed the payment window. Your units are still held.", needAddress: "Please add an address.", save: "Save", language: "한국어",
  minutesLeft: (n) => (n > 0 ? `${n} minutes left to pay` : "The time to pay is over"), search: "Find a product", skip: "Skip to content",
  sell: "Sell", staff: "Support", brand: "Brand", legalName: "Legal name", registrationNumber: "Registration number", freeFrom: "Free delivery from", newBrand: "Found a brand",
  newProduct: "Put a product on sale", category: "Category", price: "Price", discount: "Discount (%)", units: "Units", opensAt: "Opens at (empty: now)", limitEach: "Units for each shopper (0: no limit)",
  picture: "Picture", stock: "Stock", available: "available", heldUnits: "held", sold: "sold", addUnits: "Change the stock", reason: "Reason", ledger: "Ledger of the stock",
  attention: "Needs a person", all: "All", find: "Order id or payment key", history: "History", money: "Payments and refunds", unitsOf: "Units", openWorkflow: "Open in Temporal", note: "Note",
};

const chosen = localStorage.getItem("language") ?? (navigator.language.startsWith("ko") ? "ko" : "en");

export const language = chosen === "ko" ? "ko" : "en";
export const t = language === "ko" ? ko : en;
document.documentElement.lang = language;

/** Changes the language. The page is loaded anew: texts are constants. */
export function switchLanguage() {
  localStorage.setItem("language", language === "ko" ? "en" : "ko");
  location.reload();
}

/** @param {number} amount */
export const won = (amount) => new Intl.NumberFormat(language, { style: "currency", currency: "KRW" }).format(amount);

/** Time that is left, as 1:02:03. @param {number} ms */
export function duration(ms) {
  const s = Math.max(0, Math.ceil(ms / 1000));
  const parts = [Math.floor(s / 86400), Math.floor(s / 3600) % 24, Math.floor(s / 60) % 60, s % 60];
  while (parts.length > 2 && parts[0] === 0) parts.shift();
  return parts.map((n, i) => (i ? String(n).padStart(2, "0") : n)).join(":");
}
