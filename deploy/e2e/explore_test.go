package e2e

import (
	"fmt"
	"net/url"
	"os"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"runrun/deploy/dev/system"
	"runrun/domain"
	"runrun/workflows"
)

func TestExplore(t *testing.T) {
	ctx := browser(t)
	r := own(t, nil, func(s *system.Settings) { s.API.AttentionAfter = 2 * time.Second })
	product := r.product(9)
	shopper := r.mint("usr_explore")
	order := shopper.paid(product)
	r.script(map[string]any{"call": "cancel", "code": "REFUND_REJECTED", "times": 1000})
	shopper.do("POST", "/v1/orders/"+order.str("id")+"/cancel", nil)
	id := workflows.OrderWorkflowID(domain.OrderID(order.str("id")))
	shot := func(name string, actions ...chromedp.Action) {
		var png []byte
		var text string
		actions = append(actions, chromedp.Sleep(3*time.Second), chromedp.Text("body", &text), chromedp.CaptureScreenshot(&png))
		if err := chromedp.Run(ctx, actions...); err != nil {
			t.Log(name, err)
		}
		_ = os.WriteFile("/tmp/shots/"+name+".png", png, 0o600)
		_ = os.WriteFile("/tmp/shots/"+name+".txt", []byte(text), 0o600)
	}
	base := r.Temporal.UI + "/namespaces/default/workflows/"
	shot("page", chromedp.Navigate(base+url.PathEscape(id)))
	var buttons string
	_ = chromedp.Run(ctx, chromedp.Evaluate(`[...document.querySelectorAll('button,a')].map(b=>b.tagName+' '+b.innerText+' '+(b.id||'')+' '+(b.dataset.testid||'')+' '+(b.getAttribute('aria-label')||'')).join('\n')`, &buttons))
	fmt.Println(buttons)
	shot("list", chromedp.Navigate(r.Temporal.UI+"/namespaces/default/workflows?query="+url.QueryEscape("OrderId = '"+order.str("id")+"'")))
}
