package domain_test

import (
	"errors"
	"fmt"
	"io"
	"testing"

	"runrun/domain"
)

// Clients repeat a request only where the table says so: a row that changes has to change here as well.
func TestWhichRequestsMaySucceedLater(t *testing.T) {
	retryable := map[domain.Code]bool{
		domain.CodeSoldOut: true, domain.CodeNotOpenYet: true, domain.CodePaymentInProgress: true, domain.CodeConflict: true,
		domain.CodeFenced: true, domain.CodeTooManyRequests: true, domain.CodeBreakerOpen: true, domain.CodeOverloaded: true,
		domain.CodeUnavailable: true,
	}
	for _, code := range domain.Codes() {
		if code.Retryable() != retryable[code] {
			t.Errorf("%s: retryable is %t", code, code.Retryable())
		}
	}
	for code := range retryable {
		if !code.Known() {
			t.Errorf("%s has no row", code)
		}
	}
	if nonsense := domain.Code("NONSENSE"); nonsense.Known() || nonsense.Retryable() {
		t.Errorf("a code that is none of ours: known %t, retryable %t", nonsense.Known(), nonsense.Retryable())
	}
}

func TestTheCodeOfAnError(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		want domain.Code
	}{
		"no error":             {nil, ""},
		"somebody else's":      {io.ErrUnexpectedEOF, domain.CodeInternal},
		"ours":                 {domain.Errorf(domain.CodeNotFound, "gone"), domain.CodeNotFound},
		"ours, wrapped":        {fmt.Errorf("reserve: %w", domain.Errorf(domain.CodeSoldOut, "gone")), domain.CodeSoldOut},
		"the outer of two":     {domain.Wrap(domain.CodeConflict, domain.Errorf(domain.CodeNotFound, "inner"), "outer"), domain.CodeConflict},
		"ours among others":    {errors.Join(io.EOF, domain.Errorf(domain.CodeClosed, "late")), domain.CodeClosed},
		"an uncertain commit":  {&domain.UncertainError{Cause: domain.Errorf(domain.CodeUnavailable, "gone")}, domain.CodeUnavailable},
		"an overtaken lock":    {fmt.Errorf("batch: %w", &domain.StaleFenceError{ProductID: "prd_jar", RowFence: 7}), domain.CodeFenced},
		"with a time to retry": {domain.Errorf(domain.CodeOverloaded, "full").WithRetryAt(noon), domain.CodeOverloaded},
	} {
		t.Run(name, func(t *testing.T) {
			if got := domain.CodeOf(c.err); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// Only a commit that may have been sent leaves a doubt; everything before it is certain not to be written.
func TestWhatMayBeWritten(t *testing.T) {
	gone := domain.Errorf(domain.CodeUnavailable, "gone")
	uncertain := &domain.UncertainError{Cause: gone}
	for name, c := range map[string]struct {
		err  error
		want bool
	}{
		"no error":                 {nil, false},
		"failed before the commit": {gone, false},
		"failed at the commit":     {uncertain, true},
		"the same, wrapped":        {fmt.Errorf("accept: %w", uncertain), true},
	} {
		if got := domain.MayBeWritten(c.err); got != c.want {
			t.Errorf("%s: %t, want %t", name, got, c.want)
		}
	}
	if !errors.Is(uncertain, gone) {
		t.Error("the cause of an uncertain commit is lost")
	}
}

func TestErrorsAreDescribedForTheLog(t *testing.T) {
	for want, err := range map[string]error{
		"NOT_FOUND: there is no product prd_jar": domain.Errorf(domain.CodeNotFound, "there is no product %s", "prd_jar"),
		"FENCED":                                 &domain.Error{Code: domain.CodeFenced},
		"INTERNAL: read: EOF":                    domain.Wrap(domain.CodeInternal, io.EOF, "read"),
		"INTERNAL: EOF":                          domain.Wrap(domain.CodeInternal, io.EOF, ""),
		"it is not known whether it was written: EOF":                 &domain.UncertainError{Cause: io.EOF},
		"the lock of prd_jar was overtaken: the row has seen fence 7": &domain.StaleFenceError{ProductID: "prd_jar", RowFence: 7},
	} {
		if err.Error() != want {
			t.Errorf("got %q, want %q", err, want)
		}
	}
}
