// Package rest is the shop's HTTP API: routes, input and output, problems, event streams; one file for each resource. It decides
// nothing: orders and payments are checkout's, logins are auth's. It is the only package that imports gin and huma. Start at
// router.go.
package rest
