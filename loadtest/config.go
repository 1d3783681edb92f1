package main

import (
	"encoding/base64"
	"errors"
	"fmt"
	"time"
)

// Config is what the command can be told. Zero leaves a number to the scenario.
type Config struct {
	Scenario string        `arg:"" optional:"" enum:"drop,burst,soldout,orders,mixed,soak" default:"drop" help:"What happens: drop, burst, soldout, orders, mixed or soak."`
	Shoppers int           `help:"How many shoppers come."`
	Rate     float64       `help:"How many come in a second."`
	Units    int64         `help:"Units of each product."`
	For      time.Duration `help:"How long shoppers keep coming; sets their number from the rate."`

	URL          string        `name:"url" env:"API_URL" default:"http://127.0.0.1:8080" help:"The shop."`
	Gateway      string        `env:"PG_URL" default:"http://127.0.0.1:8090" help:"The payment gateway's mock: the payment window, and the ledger."`
	Temporal     string        `env:"TEMPORAL_ADDRESS" default:"127.0.0.1:7233" help:"Temporal, to count its workflows; empty counts none."`
	Namespace    string        `env:"TEMPORAL_NAMESPACE" default:"default" help:"The shop's namespace there."`
	JWTKey       string        `name:"jwt-key" env:"JWT_KEY" default:"cnVucnVuLWRldmVsb3BtZW50LWp3dC1rZXktMDAwMDE=" help:"Key that signs the tokens of shoppers and seller: base64."`
	Seller       string        `default:"usr_demo-seller" help:"Who puts the products on sale."`
	Brand        string        `default:"brd_demo-hanok" help:"A brand of the seller."`
	Connections  int           `default:"2000" help:"Most connections to the shop; the rest of the shoppers wait for one, and their wait counts."`
	WithoutRedis bool          `help:"The shop runs without Redis: orders have no tickets, and none is asked for."`
	Patience     time.Duration `default:"2m" help:"How long a shopper asks for an answer before it counts as never given."`
	Report       string        `default:".data/loadtest.html" help:"File of the HTML report; empty writes none." type:"path"`
}

// Validate reports everything that is wrong with the configuration, at once.
func (c Config) Validate() error {
	var errs []error
	if key, err := base64.StdEncoding.DecodeString(c.JWTKey); err != nil || len(key) < 32 {
		errs = append(errs, errors.New("jwt-key: want base64 of at least 32 bytes"))
	}
	if c.Shoppers < 0 || c.Rate < 0 || c.Units < 0 || c.For < 0 {
		errs = append(errs, errors.New("shoppers, rate, units, for: must not be negative"))
	}
	if c.Shoppers > 0 && c.For > 0 {
		errs = append(errs, errors.New("shoppers, for: give one of them"))
	}
	if c.Connections < 1 || c.Patience < time.Second {
		errs = append(errs, fmt.Errorf("connections: at least 1; patience: at least 1s, not %s", c.Patience))
	}
	return errors.Join(errs...)
}

// scenario is the named one, with the numbers that were given.
func (c Config) scenario() scenario {
	s := scenarios[c.Scenario]
	if c.Rate > 0 {
		s.rate = c.Rate
	}
	if c.Shoppers > 0 {
		s.shoppers = c.Shoppers
	}
	if c.For > 0 {
		s.shoppers = int(s.rate * c.For.Seconds())
	}
	if c.Units > 0 {
		s.units = c.Units
	}
	return s
}
