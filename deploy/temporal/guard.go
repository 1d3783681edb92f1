package main

import (
	"context"
	"path"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/server/common/authorization"
)

// adminIdentity is who may end a workflow without its compensations: temporal workflow terminate --identity admin.
const adminIdentity = "admin"

// guard refuses what would end an order without its compensations: terminate and delete, one by one, in batches, or by the start of
// another workflow in the place of a running one. The Web UI hides these; its HTTP API, the batch API and the CLI do not.
type guard struct{}

// Authorize decides by the call and its identity. It is a guard against mistakes, not against attackers: who needs more sets up
// Temporal's own authorization.
func (guard) Authorize(_ context.Context, _ *authorization.Claims, target *authorization.CallTarget) (authorization.Result, error) {
	if endsWithoutCompensation(path.Base(target.APIName), target.Request) {
		return authorization.Result{
			Decision: authorization.DecisionDeny,
			Reason:   "this would end orders without giving back units and money; use cancel, update or reset (identity " + adminIdentity + " may terminate and delete one by one)",
		}, nil
	}
	return authorization.Result{Decision: authorization.DecisionAllow}, nil
}

func endsWithoutCompensation(call string, request any) bool {
	switch in := request.(type) {
	case *workflowservice.TerminateWorkflowExecutionRequest:
		return in.GetIdentity() != adminIdentity
	case *workflowservice.StartBatchOperationRequest:
		return in.GetTerminationOperation() != nil || in.GetDeletionOperation() != nil
	case *workflowservice.StartWorkflowExecutionRequest:
		return replacesRunning(in.GetWorkflowIdConflictPolicy(), in.GetWorkflowIdReusePolicy())
	case *workflowservice.SignalWithStartWorkflowExecutionRequest:
		return replacesRunning(in.GetWorkflowIdConflictPolicy(), in.GetWorkflowIdReusePolicy())
	}
	return call == "DeleteWorkflowExecution" // it carries no identity
}

func replacesRunning(conflict enums.WorkflowIdConflictPolicy, reuse enums.WorkflowIdReusePolicy) bool {
	return conflict == enums.WORKFLOW_ID_CONFLICT_POLICY_TERMINATE_EXISTING || reuse == enums.WORKFLOW_ID_REUSE_POLICY_TERMINATE_IF_RUNNING
}
