// Command dev runs the whole system of deploy/dev/system with one command and nothing installed; or a demo drop on it, or a command
// of yours against it.
package main
