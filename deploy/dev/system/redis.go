package system

import (
	"context"
	"os"
	"time"

	"github.com/alicebob/miniredis/v2"
)

// clockTick is how often the embedded Redis is told that time has passed: its keys live by a clock of their own.
const clockTick = 50 * time.Millisecond

// startRedis runs a Redis in this process, unless the environment names one.
func (s *System) startRedis(context.Context) error {
	if os.Getenv("REDIS_ADDR") != "" {
		return nil
	}
	s.Redis = miniredis.NewMiniRedis()
	if err := s.Redis.Start(); err != nil {
		return err
	}
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		ticker := time.NewTicker(clockTick)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				s.Redis.FastForward(clockTick)
			case <-stop:
				return
			}
		}
	}()
	s.later(func() error {
		close(stop)
		<-stopped
		s.Redis.Close()
		return nil
	})
	s.Settings.SetRedis(s.Redis.Addr())
	return nil
}
