// Package e2e holds the end-to-end tests: outsiders who speak HTTP with the system of deploy/dev/system, and break it. Start at
// harness_test.go.
package e2e
