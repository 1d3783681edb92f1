package main

import (
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"
	"github.com/prometheus/prometheus/model/labels"
)

// board is a dashboard: what one question needs, on one page.
type board struct {
	name, title, about string
	panels             []panel
}

// panel is one chart. Its about says how it looks when all is well.
type panel struct {
	title, about string
	unit         string // as Grafana names them
	lines        []line
	// quiet says that there may be nothing to show while all is well.
	quiet bool
}

// line is a query, and how its series are called.
type line struct{ query, name string }

// Units.
const (
	count     = "short"
	perSecond = "ops"
	seconds   = "s"
	bytes     = "bytes"
)

// source is the data source that whoever looks chooses; the first is taken.
var source = common.DataSourceRef{Type: cog.ToPtr("prometheus"), Uid: cog.ToPtr("${datasource}")}

func (b board) build() (dashboard.Dashboard, error) {
	d := dashboard.NewDashboardBuilder("RUNRUN: "+b.title).
		Uid("runrun-"+b.name).
		Description(b.about).
		Tags([]string{"runrun"}).
		Timezone("browser").
		Refresh("10s").
		Time("now-30m", "now").
		Tooltip(dashboard.DashboardCursorSyncCrosshair).
		WithVariable(dashboard.NewDatasourceVariableBuilder("datasource").Label("Prometheus").Type("prometheus")).
		WithVariable(namespaces()).
		Link(dashboard.NewDashboardLinkBuilder("RUNRUN").Type(dashboard.DashboardLinkTypeDashboards).Tags([]string{"runrun"}).AsDropdown(false))
	for _, p := range b.panels {
		chart, err := p.build()
		if err != nil {
			return dashboard.Dashboard{}, err
		}
		d = d.WithPanel(chart)
	}
	return d.Build()
}

// namespaces offers the shops of a cluster, one or all. Where there is no such label, all is what there is.
func namespaces() *dashboard.QueryVariableBuilder {
	const query = `label_values(runrun_http_requests_in_flight, namespace)`
	all := func(text string) dashboard.StringOrArrayOfString {
		return dashboard.StringOrArrayOfString{String: &text}
	}
	return dashboard.NewQueryVariableBuilder("namespace").Label("Namespace").
		Query(dashboard.StringOrMap{String: cog.ToPtr(query)}).Definition(query).
		Datasource(source).
		Refresh(dashboard.VariableRefreshOnDashboardLoad).
		IncludeAll(true).AllValue(".*").
		Current(dashboard.VariableOption{Text: all("All"), Value: all("$__all")})
}

// A row of Grafana is 24 wide.
const (
	panelWidth  = 12
	panelHeight = 8
)

func (p panel) build() (*timeseries.PanelBuilder, error) {
	chart := timeseries.NewPanelBuilder().
		Title(p.title).
		Description(p.about).
		Unit(p.unit).
		Min(0).
		Span(panelWidth).
		Height(panelHeight).
		Datasource(source).
		FillOpacity(10).
		ShowPoints(common.VisibilityModeNever).
		Legend(common.NewVizLegendOptionsBuilder().ShowLegend(true).DisplayMode(common.LegendDisplayModeList).
			Placement(common.LegendPlacementBottom)).
		Tooltip(common.NewVizTooltipOptionsBuilder().Mode(common.TooltipDisplayModeMulti).Sort(common.SortOrderDescending))
	if p.quiet {
		chart = chart.NoValue("none")
	}
	if p.unit == count || p.unit == perSecond {
		chart = chart.AxisSoftMax(1) // nothing is a line at the bottom of 0 to 1, not of 0 to 100
	}
	for _, l := range p.lines {
		query, err := scoped(l.query, labels.MatchRegexp, chosenNamespace)
		if err != nil {
			return nil, err
		}
		chart = chart.WithTarget(prometheus.NewDataqueryBuilder().Expr(query).LegendFormat(l.name).Datasource(source))
	}
	return chart, nil
}

// quantiles are the median and the slowest hundredth of a histogram.
func quantiles(histogram, by string) []line {
	labels, suffix := "le", ""
	if by != "" {
		labels, suffix = "le, "+by, " {{"+by+"}}"
	}
	of := " (rate(" + histogram + "[$__rate_interval])))"
	return []line{
		{"histogram_quantile(0.5, sum by (" + labels + ")" + of, "p50" + suffix},
		{"histogram_quantile(0.99, sum by (" + labels + ")" + of, "p99" + suffix},
	}
}

// mean is the average of a histogram's values.
func mean(histogram, name string) line {
	return line{"sum(rate(" + histogram + "_sum[$__rate_interval])) / sum(rate(" + histogram + "_count[$__rate_interval]))", name}
}

// rate is how often a counter counts a second, by some labels.
func rate(counter, by, name string) line {
	return line{"sum by (" + by + ") (rate(" + counter + "[$__rate_interval]))", name}
}
