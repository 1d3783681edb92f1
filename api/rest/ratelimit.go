package rest

import (
	"math"
	"net/http"
	"strconv"

	"runrun/domain"
)

// showRate writes what is left of a limit into the answer's headers:
// https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/
func showRate(h http.Header, v domain.RateVerdict) {
	window := int(math.Ceil(v.Limit.Period.Seconds() * float64(v.Limit.Burst) / float64(v.Limit.Rate)))
	h["Ratelimit-Policy"] = []string{`"` + v.Limit.Name + `";q=` + strconv.Itoa(v.Limit.Burst) + ";w=" + strconv.Itoa(window)}
	h["Ratelimit"] = []string{
		`"` + v.Limit.Name + `";r=` + strconv.Itoa(v.Remaining) + ";t=" + strconv.Itoa(int(math.Ceil(v.RetryAfter.Seconds()))),
	}
}
