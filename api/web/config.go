package web

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// Config is what the storefront is told.
type Config struct {
	// API is the origin of the API; empty is the page's own.
	API string
	// ClientKey is the public key of the shop at the payment gateway, and SDK the script that opens its payment window.
	ClientKey string
	SDK       string
	// Gateway are further hosts of the payment window, as a Content-Security-Policy names them, with spaces.
	Gateway string
}

// Validate reports everything that is wrong with the configuration.
func (c Config) Validate() error {
	var errs []error
	if u, err := url.Parse(c.API); c.API != "" && (err != nil || !isWeb(u) || u.Scheme+"://"+u.Host != c.API) {
		errs = append(errs, fmt.Errorf("web-api-url: %q is no origin; want https://host", c.API))
	}
	if u, err := url.Parse(c.SDK); c.ClientKey != "" && (err != nil || !isWeb(u)) {
		errs = append(errs, fmt.Errorf("pay-sdk-url: %q is no address; want https://host/path", c.SDK))
	}
	if strings.ContainsAny(c.Gateway, ";,") {
		errs = append(errs, fmt.Errorf("pay-hosts: %q; want hosts as a Content-Security-Policy names them, with spaces", c.Gateway))
	}
	return errors.Join(errs...)
}

func isWeb(u *url.URL) bool { return u.Host != "" && (u.Scheme == "http" || u.Scheme == "https") }

// payWindowPath is the one page on which a script of somebody else runs: the gateway's.
const payWindowPath = "/pay/window"

// policy lets a page load its own files and speak with its own API, and nothing else; the page of the payment window also what is the
// gateway's.
func (c Config) policy(path string) string {
	own := strings.TrimSpace("'self' " + c.API)
	rules := []string{"default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "manifest-src 'self'"}
	if path == payWindowPath && c.ClientKey != "" {
		gateway := c.gatewaySources()
		return strings.Join(append(rules, "script-src 'self' "+gateway, "style-src 'self' 'unsafe-inline'", "img-src 'self' data: "+gateway,
			"connect-src "+own+" "+gateway, "frame-src "+gateway, "form-action "+gateway), "; ")
	}
	return strings.Join(append(rules, "script-src 'self'", "style-src 'self'", "img-src data: blob: "+own, "connect-src "+own,
		"form-action 'self'", "require-trusted-types-for 'script'", "trusted-types 'none'"), "; ")
}

// gatewaySources are the hosts of the gateway: that of its script, and those that are configured.
func (c Config) gatewaySources() string {
	u, err := url.Parse(c.SDK)
	if err != nil {
		return c.Gateway
	}
	return strings.TrimSpace(u.Scheme + "://" + u.Host + " " + c.Gateway)
}
