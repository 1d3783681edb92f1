package replay

import (
	"errors"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"go.temporal.io/api/common/v1"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/mocks"
	"go.temporal.io/sdk/worker"
)

// A workflow whose retention ends between the list and its history is left out; a history that cannot be read is an error.
func TestAWorkflowIsGoneBeforeItsHistoryIsRead(t *testing.T) {
	for _, c := range []struct {
		read    error
		nothing bool
	}{
		{serviceerror.NewNotFound("workflow execution not found"), true},
		{serviceerror.NewUnavailable("shard is moving"), false},
	} {
		var events mocks.HistoryEventIterator
		events.On("HasNext").Return(true)
		events.On("Next").Return(nil, c.read)
		var temporal mocks.Client
		temporal.On("ListWorkflow", mock.Anything, mock.Anything).Return(&workflowservice.ListWorkflowExecutionsResponse{
			Executions: []*workflow.WorkflowExecutionInfo{{Execution: &common.WorkflowExecution{WorkflowId: "mail/1", RunId: "run"}}},
		}, nil)
		temporal.On("GetWorkflowHistory", mock.Anything, "mail/1", "run", false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT).Return(&events)
		r := &run{
			cfg: Config{Sample: 1, Since: time.Hour}, client: &temporal, replayer: worker.NewWorkflowReplayer(), types: []string{"MailWorkflow"},
		}
		if err := r.all(t.Context(), io.Discard); err == nil || errors.Is(err, ErrNothing) != c.nothing {
			t.Errorf("reading fails with %v: got %v", c.read, err)
		}
	}
}
