// Package demo runs a small drop against a system, as outsiders would, over HTTP, and then counts. Start at Run.
package demo
