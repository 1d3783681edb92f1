package main

import (
	"slices"
	"strconv"
	"strings"
)

// results are the measured values, by benchmark and unit.
type results map[string]map[string][]float64

func (r results) add(name string, values map[string]float64) {
	if r[name] == nil {
		r[name] = map[string][]float64{}
	}
	for unit, value := range values {
		r[name][unit] = append(r[name][unit], value)
	}
}

// median is the middle of what was measured; false if nothing was.
func (r results) median(name, unit string) (float64, bool) {
	values := slices.Sorted(slices.Values(r[name][unit]))
	if len(values) == 0 {
		return 0, false
	}
	return values[len(values)/2], true
}

// parse reads a line of go test -bench: "BenchmarkGate/sold_out-2  61165  17293 ns/op  57828 shoppers/s".
func parse(line string) (name string, values map[string]float64, ok bool) {
	fields := strings.Fields(line)
	if len(fields) < 4 || !strings.HasPrefix(fields[0], "Benchmark") {
		return "", nil, false
	}
	name = strings.TrimPrefix(fields[0], "Benchmark")
	if at := strings.LastIndex(name, "-"); at > 0 {
		if _, err := strconv.Atoi(name[at+1:]); err == nil { // GOMAXPROCS
			name = name[:at]
		}
	}
	values = map[string]float64{}
	for i := 2; i+1 < len(fields); i += 2 {
		value, err := strconv.ParseFloat(fields[i], 64)
		if err != nil {
			return "", nil, false
		}
		values[fields[i+1]] = value
	}
	return name, values, true
}
