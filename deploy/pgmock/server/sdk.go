package server

import (
	_ "embed"
	"net/http"
)

//go:embed sdk.js
var sdk []byte

const (
	// SDKPath is where the mock serves the script with which a shop opens the payment window.
	SDKPath = "/v2/standard"
	// ClientKey is a public key that the script takes.
	ClientKey = "test_ck_runrun"
)

func showSDK(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
	w.Header().Set("Cache-Control", "no-cache")
	_, _ = w.Write(sdk)
}
