package workflows_test

import (
	"context"
	"errors"
	"testing"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"

	"runrun/workflows"
)

// cluster has histories, and fails as the test says.
type cluster struct {
	fails []error
	tries int
}

func (h *cluster) ReplayHistories(context.Context, workflows.ReplayInput) (string, error) {
	h.tries++
	if h.tries <= len(h.fails) {
		return "", h.fails[h.tries-1]
	}
	return "3 histories replay.", nil
}

// A build that cannot replay fails the gate at once; a cluster that does not answer is asked again.
func TestTheGateOfARollout(t *testing.T) {
	diverges := temporal.NewNonRetryableApplicationError("order/ord_1 cannot be replayed", workflows.ReplayFailed, nil)
	for name, c := range map[string]struct {
		fails []error
		tries int
		pass  bool
	}{
		"it replays":                  {nil, 1, true},
		"it cannot":                   {[]error{diverges}, 1, false},
		"the cluster does not answer": {[]error{errors.New("unavailable")}, 2, true},
	} {
		t.Run(name, func(t *testing.T) {
			var suite testsuite.WorkflowTestSuite
			env := suite.NewTestWorkflowEnvironment()
			of := &cluster{fails: c.fails}
			env.RegisterActivity(of)
			env.ExecuteWorkflow(workflows.ReplayWorkflow, workflows.ReplayInput{})
			if err := env.GetWorkflowError(); (err == nil) != c.pass || of.tries != c.tries {
				t.Errorf("after %d tries: %v", of.tries, err)
			}
		})
	}
}
