package main

import (
	"crypto/subtle"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"go.temporal.io/server/common/authorization"
)

// role is what a caller may do.
type role string

// The roles.
const (
	roleService role = "service" // API and workers: everything but what ends orders without their compensations
	roleStaff   role = "staff"   // support staff: look, and what the guide for them names
	roleAdmin   role = "admin"   // everything
)

// staffCalls are what support staff may call beside what only reads.
var staffCalls = map[string]bool{
	"SignalWorkflowExecution": true, "UpdateWorkflowExecution": true, "PollWorkflowExecutionUpdate": true, "QueryWorkflow": true,
	"RequestCancelWorkflowExecution": true, "ResetWorkflowExecution": true, "StartBatchOperation": true, "StopBatchOperation": true,
	"PauseActivity": true, "UnpauseActivity": true, "ResetActivity": true, "UpdateActivityOptions": true, "UpdateWorkflowExecutionOptions": true,
}

// open are calls that need no role: clients make them before they know whether they may.
var open = map[string]bool{"GetSystemInfo": true, "Check": true}

// mayCall reports whether a role may make a call, whatever its input.
func (r role) mayCall(api string) bool {
	call := path.Base(api)
	switch r {
	case roleAdmin, roleService:
		return true
	case roleStaff:
		reads := strings.HasPrefix(call, "List") || strings.HasPrefix(call, "Get") || strings.HasPrefix(call, "Describe") ||
			strings.HasPrefix(call, "Count") || strings.HasPrefix(call, "Scan")
		return staffCalls[call] || reads && strings.Contains(api, "workflowservice") || open[call]
	}
	return open[call]
}

// roles finds a caller's role, by a bearer token or by the header of a trusted proxy.
type roles struct {
	tokens      map[role]string
	trustHeader bool
}

var _ authorization.ClaimMapper = roles{}

// roles returns nil if the flags name none: then everybody may do what the shop's processes may.
func (c Config) roles() (*roles, error) {
	if len(c.Token) == 0 && !c.TrustRoleHeader {
		return nil, nil
	}
	r := &roles{tokens: map[role]string{}, trustHeader: c.TrustRoleHeader}
	for _, name := range slices.Sorted(maps.Keys(c.Token)) {
		token := c.Token[name]
		if !known(role(name)) || len(token) < 16 {
			return nil, fmt.Errorf("token: want service, staff or admin, and at least 16 characters, for %q", name)
		}
		r.tokens[role(name)] = token
	}
	return r, nil
}

func known(r role) bool { return r == roleService || r == roleStaff || r == roleAdmin }

// AuthInfoRequired lets callers without a token be asked for, too: they have no role.
func (roles) AuthInfoRequired() bool { return false }

// GetClaims returns the caller's role as its subject.
func (r roles) GetClaims(info *authorization.AuthInfo) (*authorization.Claims, error) {
	given := strings.TrimPrefix(info.AuthToken, "Bearer ")
	for name, token := range r.tokens {
		if subtle.ConstantTimeCompare([]byte(given), []byte(token)) == 1 {
			return &authorization.Claims{Subject: string(name)}, nil
		}
	}
	if r.trustHeader && known(role(info.ExtraData)) {
		return &authorization.Claims{Subject: info.ExtraData}, nil
	}
	return &authorization.Claims{}, nil
}
