package replay

import (
	"testing"
	"time"

	"runrun/domain/temporal"
)

func TestConfigValidate(t *testing.T) {
	good := Config{Sample: 50, Since: time.Hour, Temporal: temporal.Config{Address: "127.0.0.1:7233", Namespace: "default"}}
	for name, c := range map[string]struct {
		change func(*Config)
		ok     bool
	}{
		"good":             {func(*Config) {}, true},
		"open ones only":   {func(c *Config) { c.Since = 0 }, true},
		"no sample":        {func(c *Config) { c.Sample = 0 }, false},
		"too much at once": {func(c *Config) { c.Sample = maxSample + 1 }, false},
		"the future":       {func(c *Config) { c.Since = -time.Hour }, false},
		"no Temporal":      {func(c *Config) { c.Temporal.Address = "" }, false},
	} {
		cfg := good
		c.change(&cfg)
		if err := cfg.Validate(); (err == nil) != c.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}
