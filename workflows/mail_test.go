package workflows_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"go.temporal.io/sdk/testsuite"

	"runrun/domain"
	"runrun/workflows"
)

// postOffice is a mail server that is dead for some tries.
type postOffice struct{ dead, tries int }

func (p *postOffice) SendMail(context.Context, workflows.MailInput) (domain.MailStatus, error) {
	p.tries++
	if p.tries <= p.dead {
		return "", errors.New("connection refused")
	}
	return domain.MailSent, nil
}

// A mail is tried until it is sent, with pauses that do not grow beyond a minute. (The test environment ends after ten tries; the server
// does not.)
func TestAMailIsTriedUntilItIsSent(t *testing.T) {
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestWorkflowEnvironment()
	office := &postOffice{dead: 9}
	env.RegisterActivity(office)
	began := env.Now()
	env.ExecuteWorkflow(workflows.MailWorkflow, workflows.MailInput{MailID: "mal_1"})
	var status domain.MailStatus
	if err := env.GetWorkflowResult(&status); err != nil || status != domain.MailSent || office.tries != 10 {
		t.Errorf("%s after %d tries, %v", status, office.tries, err)
	}
	if took := env.Now().Sub(began); took != (1+2+4+8+16+32+3*60)*time.Second {
		t.Errorf("nine failures took %s", took)
	}
}
