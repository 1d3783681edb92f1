package e2e

import (
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"runrun/deploy/dev/system"
	"runrun/domain"
)

// documentedQueries are those of the guide for support staff.
func documentedQueries(t *testing.T) []string {
	t.Helper()
	top, err := system.Root()
	if err != nil {
		t.Fatal(err)
	}
	guide, err := os.ReadFile(filepath.Join(top, "deploy", "playbooks", "support.md"))
	if err != nil {
		t.Fatal(err)
	}
	var queries []string
	for _, match := range regexp.MustCompile("(?m)^\\| .* \\| `([^`]+)` \\|$").FindAllStringSubmatch(string(guide), -1) {
		if strings.Contains(match[1], "ExecutionStatus") {
			queries = append(queries, match[1])
		}
	}
	return queries
}

// Every query that the guide gives to support staff finds what it says, in the filter bar of the Web UI.
func TestTheQueriesOfSupportStaff(t *testing.T) {
	queries := documentedQueries(t)
	if len(queries) < 5 {
		t.Fatalf("the guide has %d queries", len(queries))
	}
	ctx := browser(t, browserLimit)
	r := own(t, nil, func(s *system.Settings) { s.API.AttentionAfter = 2 * time.Second })
	product := r.product(9)
	quiet, stuck := r.mint("usr_quiet"), r.mint("usr_stuck")
	held := quiet.held(product).str("id")
	paid := quiet.held(product)
	confirm := quiet.authorize(paid)
	quiet.want(200, "POST", "/v1/payments/confirm", confirm)
	failing := stuck.held(product)
	defer breakStep(t, r.Store, failing.str("id"), "CANCELED")()
	go stuck.do("POST", "/v1/orders/"+failing.str("id")+"/cancel", nil)
	r.until("attention", func() (reply, bool) {
		got := stuck.want(200, "GET", "/v1/orders/"+failing.str("id"), nil)
		return got, got.str("attention") == string(domain.AttentionReleaseFailed)
	})
	finds := map[string][]string{
		"OrderAttention IS NOT NULL": {
			failing.str("id"),
		},
		"UserId":                   {held, paid.str("id")},
		"PaymentKey":               {paid.str("id")},
		"ProductIds":               {held, failing.str("id")},
		"PayBy":                    {held, failing.str("id")},
		"TemporalReportedProblems": {},
		`"CANCELING"`:              {},
		"OrderId":                  {held},
		"PaidAt":                   {paid.str("id")},

		`OrderStatus = "HELD" AND ExecutionStatus`: {held, failing.str("id")},
	}
	all := []string{held, paid.str("id"), failing.str("id")}
	fill := strings.NewReplacer("usr_…", "usr_quiet", "ord_…", held, "pay_…", confirm["paymentKey"].(string), "prd_…", string(product),
		"2026-12-01", "2999-12-01")
	for _, query := range queries {
		t.Run(query, func(t *testing.T) {
			var want []string
			for part, ids := range finds {
				if strings.Contains(query, part) {
					want = ids
				}
			}
			if _, err := chromedp.Run(ctx,
				chromedp.Navigate(r.Temporal.UI+"/namespaces/default/workflows?query="+url.QueryEscape(fill.Replace(query)))); err != nil {
				t.Fatal(err)
			}
			var page string
			r.until("the page", func() (reply, bool) {
				var err error
				if page, err = chromedp.Run(ctx, chromedp.Text("body")); err != nil {
					t.Fatal(err)
				}
				loaded := strings.Contains(page, "Clear all") && (len(want) > 0 || strings.Contains(page, "No Workflows"))
				for _, id := range want {
					loaded = loaded && strings.Contains(page, id)
				}
				return reply{rawBody: []byte(page)}, loaded
			})
			for _, id := range all {
				found := strings.Contains(page, id)
				for _, wanted := range want {
					found = found && id != wanted
				}
				if found {
					t.Errorf("it finds %s as well", id)
				}
			}
			if strings.Contains(page, "undefined") || strings.Contains(strings.ToLower(page), "invalid") {
				t.Errorf("the filter bar does not understand it:\n%s", page)
			}
		})
	}
}
