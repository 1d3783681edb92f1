package main

import (
	"context"
	"path"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/server/common/authorization"
)

// adminIdentity is who may end a workflow without its compensations where there are no roles: temporal workflow terminate --identity
// admin.
const adminIdentity = "admin"

// guard refuses what would end an order without its compensations: terminate and delete, one by one, in batches, or by the start of
// another workflow in the place of a running one. The Web UI hides these; its HTTP API, the batch API and the CLI do not. With roles it
// also refuses whatever the caller's role does not allow.
type guard struct{ withRoles bool }

// Authorize decides by the call, its input and the caller's role. Without roles it is a guard against mistakes, not against attackers.
func (g guard) Authorize(_ context.Context, claims *authorization.Claims, target *authorization.CallTarget) (authorization.Result, error) {
	admin := !g.withRoles && identityOf(target.Request) == adminIdentity
	if g.withRoles && claims != nil && claims.System == authorization.RoleAdmin { // the server's own workers, by their own frontend
		return authorization.Result{Decision: authorization.DecisionAllow}, nil
	}
	if g.withRoles {
		r := role("")
		if claims != nil {
			r = role(claims.Subject)
		}
		if !r.mayCall(target.APIName) {
			return deny("the role of the caller does not allow this"), nil
		}
		admin = r == roleAdmin
	}
	switch withoutCompensation(path.Base(target.APIName), target.Request) {
	case always:
		return deny("this would end orders without giving back units and money; use cancel, update or reset"), nil
	case unlessAdmin:
		if !admin {
			return deny("this would end an order without giving back units and money; use cancel, update or reset (an admin may terminate one by one)"), nil
		}
	}
	return authorization.Result{Decision: authorization.DecisionAllow}, nil
}

func deny(reason string) authorization.Result {
	return authorization.Result{Decision: authorization.DecisionDeny, Reason: reason}
}

// refusal is the set of callers for whom a call is denied.
type refusal int

const (
	nobody refusal = iota
	unlessAdmin
	always
)

func withoutCompensation(call string, request any) refusal {
	switch in := request.(type) {
	case *workflowservice.TerminateWorkflowExecutionRequest:
		return unlessAdmin
	case *workflowservice.StartBatchOperationRequest:
		return refused(in.GetTerminationOperation() != nil || in.GetDeletionOperation() != nil)
	case *workflowservice.StartWorkflowExecutionRequest:
		return refused(replacesRunning(in.GetWorkflowIdConflictPolicy(), in.GetWorkflowIdReusePolicy()))
	case *workflowservice.SignalWithStartWorkflowExecutionRequest:
		return refused(replacesRunning(in.GetWorkflowIdConflictPolicy(), in.GetWorkflowIdReusePolicy()))
	}
	return refused(call == "DeleteWorkflowExecution")
}

func refused(yes bool) refusal {
	if yes {
		return always
	}
	return nobody
}

// identityOf is what the caller of a terminate says it is.
func identityOf(request any) string {
	if in, ok := request.(*workflowservice.TerminateWorkflowExecutionRequest); ok {
		return in.GetIdentity()
	}
	return ""
}

func replacesRunning(conflict enums.WorkflowIdConflictPolicy, reuse enums.WorkflowIdReusePolicy) bool {
	return conflict == enums.WORKFLOW_ID_CONFLICT_POLICY_TERMINATE_EXISTING || reuse == enums.WORKFLOW_ID_REUSE_POLICY_TERMINATE_IF_RUNNING
}
