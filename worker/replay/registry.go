package replay

import (
	"reflect"
	"runtime"
	"strings"

	"go.temporal.io/sdk/workflow"
)

// RegisterWorkflow registers a workflow with the replayer, and notes its type.
func (r registry) RegisterWorkflow(w any) {
	*r.types = append(*r.types, typeOf(w))
	r.WorkflowReplayer.RegisterWorkflow(w)
}

// RegisterWorkflowWithOptions does so under another name.
func (r registry) RegisterWorkflowWithOptions(w any, options workflow.RegisterOptions) {
	*r.types = append(*r.types, options.Name)
	r.WorkflowReplayer.RegisterWorkflowWithOptions(w, options)
}

// typeOf is the type under which a workflow is known: the name of its function.
func typeOf(w any) string {
	full := runtime.FuncForPC(reflect.ValueOf(w).Pointer()).Name()
	return full[strings.LastIndex(full, ".")+1:]
}
