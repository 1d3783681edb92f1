// Package ops is what every process of the shop shows its operators: structured logs, metrics for Prometheus, traces over OTLP, its
// version, and whether it lives and is ready.
package ops

import (
	"errors"
	"log/slog"
	"net"
	"net/url"

	"github.com/alecthomas/kong"
)

// Config is what every process has.
type Config struct {
	Environment string           `name:"env" env:"RUNRUN_ENV" default:"" enum:",development,production" help:"development allows the public keys; production refuses them; if it is not set, they are refused where the process listens to others or speaks with others' services."`
	LogLevel    slog.Level       `env:"LOG_LEVEL" default:"INFO" help:"Least severe log lines to write: DEBUG, INFO, WARN, ERROR."`
	LogAlike    int              `env:"LOG_ALIKE" default:"20" help:"Lines of one text that are written in ten seconds; of the rest, one in a hundred; 0 writes all."`
	Traces      string           `name:"otlp-endpoint" env:"OTEL_EXPORTER_OTLP_ENDPOINT" help:"Where traces are sent, with OTLP over HTTP: http://collector:4318; empty sends none."`
	TraceRatio  float64          `env:"TRACE_RATIO" default:"1" help:"Part of the requests that is traced, 0 to 1; a request that comes with a trace is traced as its caller is."`
	Version     kong.VersionFlag `name:"version" help:"Print the build and end."`
}

// Validate reports what is wrong with the configuration.
func (c Config) Validate() error {
	var errs []error
	if c.LogAlike < 0 {
		errs = append(errs, errors.New("log-alike: must not be negative"))
	}
	if c.TraceRatio < 0 || c.TraceRatio > 1 {
		errs = append(errs, errors.New("trace-ratio: 0 to 1"))
	}
	if u, err := url.Parse(c.Traces); c.Traces != "" && (err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https") {
		errs = append(errs, errors.New("otlp-endpoint: want http://host:port or https://host"))
	}
	return errors.Join(errs...)
}

// PublicKeys reports whether the public development keys are allowed. exposed means that the process listens beyond this machine
// or is connected to services elsewhere; then the keys are allowed only with RUNRUN_ENV=development, not with an unset one.
func (c Config) PublicKeys(exposed bool) bool {
	return c.Environment == "development" || c.Environment == "" && !exposed
}

// Loopback reports whether an address, host:port or a URL, is on this machine.
func Loopback(address string) bool {
	if u, err := url.Parse(address); err == nil && u.Host != "" {
		address = u.Host
	}
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		host = address
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
