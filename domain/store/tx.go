package store

import (
	"context"
	"math/rand/v2"
	"time"

	"gorm.io/gorm"

	"runrun/domain"
)

// A transaction is tried txAttempts times. The pause before retry n is random, at most txPause << n: 40, 80, 160 ms. Longer
// retries are made by Temporal.
const (
	txAttempts = 4
	txPause    = 20 * time.Millisecond
)

// InTx runs fn in one transaction at READ COMMITTED and commits it. A deadlock or a lost connection, even at the commit,
// runs fn again a few times: every transaction of this package reads before it writes, so a repeat finds what was done.
// Errors: those of fn, and Unavailable, Conflict or Internal of the database; an UncertainError if a commit may have been sent.
func (s *Store) InTx(ctx context.Context, fn func(tx *gorm.DB) error) error {
	var err error
	uncertain := false
	for attempt := range txAttempts {
		if attempt > 0 && !pause(ctx, txPause<<attempt) {
			break
		}
		var committing bool
		if committing, err = s.tryTx(ctx, fn); err == nil {
			return nil
		}
		uncertain = uncertain || committing
		if domain.CodeOf(err) != domain.CodeUnavailable {
			break
		}
	}
	if uncertain {
		return &domain.UncertainError{Cause: err}
	}
	return err
}

// tryTx runs fn in a transaction once, and reports whether it got as far as the commit.
func (s *Store) tryTx(ctx context.Context, fn func(tx *gorm.DB) error) (committing bool, err error) {
	leave, err := s.dialect.enter(ctx)
	if err != nil {
		return false, s.classify(err)
	}
	defer leave()
	err = s.dialect.transaction(s.db.WithContext(ctx), func(tx *gorm.DB) error {
		err := fn(tx)
		committing = err == nil
		return err
	})
	return committing, s.classify(err)
}

// pause waits for up to limit and says whether the context is still alive.
func pause(ctx context.Context, limit time.Duration) bool {
	timer := time.NewTimer(rand.N(limit))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
