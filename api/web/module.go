package web

import (
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
)

// views lists the module for each prefix of an address; the first match is used. The page lists that module and its imports as
// modulepreload, so that the browser loads all files at once.
var views = []struct{ prefix, module string }{
	{"/p/", "pages/product.js"},
	{"/orders/", "pages/order.js"},
	{"/orders", "pages/orders.js"},
	{"/cart", "pages/cart.js"},
	{"/login", "pages/login.js"},
	{"/signup", "pages/signup.js"},
	{"/account", "pages/account.js"},
	{payWindowPath, "pages/paywindow.js"},
	{"/pay/", "pages/payresult.js"},
	{"/sell/", "pages/sellproduct.js"},
	{"/sell", "pages/sell.js"},
	{"/staff/", "pages/stafforder.js"},
	{"/staff", "pages/staff.js"},
	{"", "pages/drops.js"},
}

func viewOf(address string) string {
	for _, view := range views {
		if strings.HasPrefix(address, view.prefix) {
			return view.module
		}
	}
	return ""
}

var imported = regexp.MustCompile(`(?m)^import\s[^;]*?"(\.[^"]+)"`)

// modules are those named and all that they import, each once.
func (s *Site) modules(names ...string) ([]string, error) {
	var all []string
	for len(names) > 0 {
		name := names[0]
		names = names[1:]
		if slices.Contains(all, name) {
			continue
		}
		all = append(all, name)
		text, err := fs.ReadFile(s.files, name)
		if err != nil {
			return nil, err
		}
		for _, match := range imported.FindAllStringSubmatch(string(text), -1) {
			names = append(names, path.Join(path.Dir(name), match[1]))
		}
	}
	return all, nil
}
