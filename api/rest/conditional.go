package rest

import "strings"

// revalidate lets a caller keep an answer for itself, and ask whether it still holds before using it again.
const revalidate = "private, no-cache"

// matches reports whether an If-None-Match header names the tag: a list of tags, weak or not, or * (RFC 9110, 13.1.2). The
// comparison is weak.
func matches(header, tag string) bool {
	if strings.TrimSpace(header) == "*" {
		return tag != ""
	}
	for candidate := range strings.SplitSeq(header, ",") {
		if candidate = strings.TrimSpace(candidate); candidate != "" && opaque(candidate) == opaque(tag) {
			return true
		}
	}
	return false
}

func opaque(tag string) string { return strings.TrimPrefix(tag, "W/") }
