package main

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"
)

// The help promises what a scenario does in words; these are its numbers.
func TestScenariosDoWhatTheirHelpSays(t *testing.T) {
	drop, burst, soldout, orders := scenarios["drop"], scenarios["burst"], scenarios["soldout"], scenarios["orders"]
	mixed, soak := scenarios["mixed"], scenarios["soak"]
	for about, holds := range map[string]bool{
		"drop: 10,000 shoppers at 300/s want 1,000 units": drop.shoppers == 10_000 && drop.rate == 300 && drop.products*int(drop.units) == 1000,
		"a fifth of the winners walks away":               walkers(drop) == 0.2 && walkers(burst) == 0.2,
		"burst: the same 10,000 shoppers, all in one second": burst.shoppers == drop.shoppers && burst.units == drop.units &&
			float64(burst.shoppers)/burst.rate == 1,
		"soldout: everything is gone, and 10,000 shoppers a second still ask": soldout.sellOut && soldout.rate == 10_000,
		"3,000/s with units for everybody":                                    orders.rate == 3000 && orders.units >= int64(orders.shoppers),
		"nobody waits for the decision":                                       orders.wait == 0 && drop.wait > 0,
		"mixed: six products":                                                 mixed.products == 6,
		"lost answers":                                                        mixed.lost > 0 && mixed.lost < 1 && drop.lost == 0,
		"soak: half an hour":                                                  float64(soak.shoppers)/soak.rate == 1800,
	} {
		if !holds || !strings.Contains(scenarioHelp(), about) {
			t.Errorf("%q is not so, or not said:\n%s", about, scenarioHelp())
		}
	}
}

// walkers is the share of the winners who walk away.
func walkers(s scenario) float64 {
	away := 0
	for _, b := range s.behaviours {
		if reflect.ValueOf(b).Pointer() == reflect.ValueOf(walkAway).Pointer() {
			away++
		}
	}
	return float64(away) / float64(len(s.behaviours))
}

// Every scenario can be named, and no other; a drop comes of itself.
func TestTheCommandKnowsItsScenarios(t *testing.T) {
	parse := func(args ...string) (Config, error) {
		var cfg Config
		parser, err := kong.New(&cfg)
		if err != nil {
			t.Fatal(err)
		}
		_, err = parser.Parse(args)
		return cfg, err
	}
	for _, name := range slices.Sorted(maps.Keys(scenarios)) {
		if cfg, err := parse(name); err != nil || cfg.Scenario != name {
			t.Errorf("%s: %q, %v", name, cfg.Scenario, err)
		}
	}
	if cfg, err := parse(); err != nil || cfg.Scenario != "drop" {
		t.Errorf("without a name it is %q, %v", cfg.Scenario, err)
	}
	if _, err := parse("chaos"); err == nil {
		t.Error("an unknown scenario is accepted")
	}
}

func TestEmptyFlagsSwitchOff(t *testing.T) {
	t.Setenv("API_URL", "http://shop.test")
	t.Setenv("PG_URL", "http://gateway.test")
	t.Setenv("TEMPORAL_ADDRESS", "temporal.test:7233")
	var cfg Config
	parser, err := kong.New(&cfg)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parser.Parse(nil); err != nil {
		t.Fatal(err)
	}
	if cfg.URL != "http://shop.test" || cfg.Gateway != "http://gateway.test" || cfg.Temporal != "temporal.test:7233" ||
		!strings.HasSuffix(cfg.Report, ".data/loadtest.html") {
		t.Errorf("from the environment: %+v", cfg)
	}
	if _, err := parser.Parse([]string{"--temporal=", "--report="}); err != nil || cfg.Temporal != "" || cfg.Report != "" {
		t.Errorf("Temporal is %q, the report %q, %v; want neither", cfg.Temporal, cfg.Report, err)
	}
}

// Each number that cannot be is named; what may be is not.
func TestNumbersThatCannotBeAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Config)
		want   string // "" is none
	}{
		"the defaults":         {func(*Config) {}, ""},
		"numbers of one's own": {func(c *Config) { c.Shoppers, c.Rate, c.Units = 5, 0.5, 3 }, ""},
		"a minute of shoppers": {func(c *Config) { c.Shoppers, c.For = 0, time.Minute }, ""},
		"negative shoppers":    {func(c *Config) { c.Shoppers = -1 }, "must not be negative"},
		"a negative rate":      {func(c *Config) { c.Rate = -1 }, "must not be negative"},
		"negative units":       {func(c *Config) { c.Units = -1 }, "must not be negative"},
		"a negative time":      {func(c *Config) { c.Shoppers, c.For = 0, -time.Second }, "must not be negative"},
		"shoppers and a time":  {func(c *Config) { c.For = time.Second }, "give one of them"},
		"no connection":        {func(c *Config) { c.Connections = 0 }, "connections"},
		"no patience":          {func(c *Config) { c.Patience = time.Second - 1 }, "patience"},
		"no key":               {func(c *Config) { c.JWTKey = "%" }, "jwt-key"},
		"a short key":          {func(c *Config) { c.JWTKey = "c2hvcnQ=" }, "jwt-key"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := testConfig("http://shop.test", "drop")
			c.change(&cfg)
			err := cfg.Validate()
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
}
