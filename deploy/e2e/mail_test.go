package e2e

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"go.temporal.io/api/enums/v1"

	"runrun/deploy/dev/system"
	"runrun/domain"
	"runrun/domain/store/storetest"
	"runrun/workflows"
)

var codePattern = regexp.MustCompile(`(?m)^\d{6}$`)

// code waits for the code that was mailed to an address, as a person reads it at /dev/mails.
func (r harness) code(email string) (code string) {
	r.t.Helper()
	r.until("mail to "+email, func() (reply, bool) {
		got := r.send("GET", "/dev/mails", nil)
		var mails []system.Mail
		if err := json.Unmarshal(got.rawBody, &mails); err != nil {
			r.t.Fatal(err)
		}
		for _, m := range mails {
			if m.To == email {
				code = codePattern.FindString(m.Text)
				return got, true
			}
		}
		return got, false
	})
	return strings.TrimSpace(code)
}

// While the mail server is dead, mails wait; none is lost, and none sent twice.
func TestADeadMailServerLosesNoMail(t *testing.T) {
	r := own(t, nil, nil)
	r.Mails.Refuse(true)
	const email = "minji@example.com"
	if got := r.send("POST", "/v1/users/email-auths", map[string]string{"email": email}); got.Status != http.StatusAccepted {
		t.Fatalf("%d %s", got.Status, got.rawBody)
	}
	id := r.newestMail()
	r.until("a try that failed", func() (reply, bool) {
		run, err := r.temporal.DescribeWorkflowExecution(t.Context(), workflows.MailWorkflowID(id), "")
		return reply{}, err == nil && len(run.GetPendingActivities()) == 1 && run.GetPendingActivities()[0].GetAttempt() > 1
	})
	r.Mails.Refuse(false)
	r.code(email)
	if err := r.temporal.GetWorkflow(t.Context(), workflows.MailWorkflowID(id), "").Get(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if *record {
		r.keepHistory(t.Context(), workflows.MailWorkflowID(id), "mail_retried")
	}
	if n := len(r.Mails.All()); n != 1 {
		t.Errorf("%d mails arrived, want 1", n)
	}
}

// While Temporal takes no starts, the mail's row waits, and the sweeper starts its workflow.
func TestAMailThatWasNotStartedIsStartedLater(t *testing.T) {
	r := own(t, nil, nil)
	const email = "yuna@example.com"
	mail := domain.Mail{ID: domain.MailID(storetest.ID(domain.MailPrefix)), To: email, Subject: "Code", Text: "123456\n", Life: time.Minute}
	if err := r.Store.StartEmailAuth(t.Context(), email, "123456", mail); err != nil { // an API that dies right after it
		t.Fatal(err)
	}
	storetest.Exec(t, r.Store, "UPDATE mails SET dispatch_after = 1 WHERE id = ?", mail.ID)
	if got := r.code(email); got != "123456" {
		t.Errorf("the code is %q", got)
	}
}

// No history contains whom a mail is for, or what it says.
func TestAMailsHistoryHoldsNoPersonalData(t *testing.T) {
	r := shared(t)
	const email = "personal@example.com"
	r.send("POST", "/v1/users/email-auths", map[string]string{"email": email})
	code := r.code(email)
	id := workflows.MailWorkflowID(r.newestMail())
	if err := r.temporal.GetWorkflow(t.Context(), id, "").Get(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	scheduled := false
	for _, event := range r.events(t.Context(), id) {
		text := event.String()
		if regexp.MustCompile(regexp.QuoteMeta(email) + "|" + code).MatchString(text) {
			t.Errorf("the history says %s", text)
		}
		scheduled = scheduled || event.GetEventType() == enums.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED
	}
	if !scheduled {
		t.Error("nothing was sent: the test shows nothing")
	}
}

// newestMail is the id of the newest mail: its row does not say in the clear whom it is for.
func (r harness) newestMail() (id domain.MailID) {
	r.t.Helper()
	if err := r.Store.DB().QueryRowContext(r.t.Context(), "SELECT id FROM mails ORDER BY created_at DESC, id DESC LIMIT 1").Scan(&id); err != nil {
		r.t.Fatal(err)
	}
	return id
}
