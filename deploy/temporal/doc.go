// Command temporal is a complete Temporal server with its Web UI in one process, on SQLite.
//
// It exists so that `make dev` and the end-to-end tests run against the real server without anything being installed.
// It is a module of its own and imports nothing of the shop: the server's several hundred dependencies stay out of the
// product's go.mod, and its first build, which takes minutes, happens once.
//
// When the server answers, one line of JSON is printed on standard output:
//
//	{"grpc":"127.0.0.1:7233","ui":"http://127.0.0.1:8233"}
//
// Logs go to standard error. The process ends on SIGINT, on SIGTERM, and, with --exit-with-stdin, when standard input closes, so
// that a killed parent leaves no orphan behind.
package main
