package main

import (
	_ "embed"
	"fmt"
	"html/template"
	"os"
	"path/filepath"
	"time"

	"runrun/loadtest/audit"
)

//go:embed assets/report.html
var reportPage string

//go:embed assets/uPlot.iife.min.js
var plotScript string

//go:embed assets/uPlot.min.css
var plotStyle string

// plot is one picture: lines over the seconds of the run.
type plot struct {
	Title  string      `json:"title"`
	Unit   string      `json:"unit"`
	Names  []string    `json:"names"`
	Values [][]float64 `json:"values"` // the seconds first, then a list for each name; what was not measured is 0
}

// writeReport writes a page that needs nothing but itself.
func (r *run) writeReport(b *audit.Audit) error {
	if r.cfg.Report == "" {
		return nil
	}
	page, err := template.New("report").Parse(reportPage)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(r.cfg.Report), 0o750); err != nil {
		return err
	}
	file, err := os.Create(r.cfg.Report)
	if err != nil {
		return err
	}
	faults := b.Findings()
	err = page.Execute(file, map[string]any{
		"Scenario": r.cfg.Scenario,
		"About":    r.scenario.about,
		"At":       time.Now().Format(time.RFC1123),
		"URL":      r.cfg.URL,
		"Took":     fmt.Sprintf("%.1f s", r.took.Seconds()),
		"Shoppers": r.scenario.shoppers,
		"Rate":     r.scenario.rate,
		"Rows":     r.record.rows(r.took),
		"Errors":   r.errors(),
		"Books":    b.Table(),
		"Balanced": len(faults) == 0,
		"Plots":    plots(r.record.series),
		"Script":   template.JS(plotScript), //nolint:gosec // an embedded file of ours
		"Style":    template.CSS(plotStyle), //nolint:gosec // an embedded file of ours
	})
	if closeErr := file.Close(); err == nil {
		err = closeErr
	}
	r.say("report: %s\n", r.cfg.Report)
	return err
}

// plots are what went on over time: how many answers a second, and how long they took.
func plots(series []point) []plot {
	return []plot{
		draw(series, "Answers in a second", "1/s", func(p point, w what) float64 { return float64(p.Count[w]) }),
		draw(series, "Median latency", "ms", func(p point, w what) float64 { return p.P50[w] }),
		draw(series, "99th percentile of latency", "ms", func(p point, w what) float64 { return p.P99[w] }),
	}
}

func draw(series []point, title, unit string, value func(point, what) float64) plot {
	d := plot{Title: title, Unit: unit, Values: [][]float64{{}}}
	for _, p := range series {
		d.Values[0] = append(d.Values[0], p.At)
	}
	for _, w := range kinds(series) {
		line := make([]float64, len(series))
		for n, p := range series {
			line[n] = value(p, w)
		}
		d.Names, d.Values = append(d.Names, w.Step+" "+w.Outcome), append(d.Values, line)
	}
	return d
}
