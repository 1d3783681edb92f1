package reserve_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"runrun/activities/reserve"
	"runrun/activities/stocklock"
	"runrun/domain"
	"runrun/domain/redis"
	"runrun/domain/store"
)

// workerEnv makes this program a worker process of BenchmarkReserve.
const workerEnv = "RUNRUN_BENCH_WORKER"

// Ways to reserve.
const (
	combined     = "combined"
	lockPerOrder = "lock per order"
	noLock       = "conditional update"
)

// buyers is how many shoppers wait for their reservation at once in each worker.
const buyers = 512

// reserveJob is what a worker process is told.
type reserveJob struct {
	Way     string
	Store   store.Config
	Redis   string
	Product domain.Product
	Orders  []domain.OrderID
}

func TestMain(m *testing.M) {
	if os.Getenv(workerEnv) == "" {
		os.Exit(m.Run())
	}
	if err := work(); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

// work reads a job, says that it is ready, and does it when told to.
func work() error {
	var job reserveJob
	in := bufio.NewReader(os.Stdin)
	line, err := in.ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &job)
	}
	if err != nil {
		return err
	}
	reserveOne, finish, err := job.reserver()
	if err != nil {
		return err
	}
	fmt.Println("ready")
	if _, err := in.ReadBytes('\n'); err != nil {
		return err
	}
	var next atomic.Int64
	failed := make(chan error, 1)
	together(buyers, func(int) {
		for n := next.Add(1) - 1; n < int64(len(job.Orders)); n = next.Add(1) - 1 {
			if err := reserveOne(job.Orders[n]); err != nil {
				select {
				case failed <- err:
				default:
				}
				return
			}
		}
	})
	finish() // the last lock is given back, or the others would wait for its lease
	select {
	case err := <-failed:
		return err
	default:
		fmt.Println("done")
		return nil
	}
}

// reserver is what takes one order to its reservation, and what waits until nothing is under way.
func (job reserveJob) reserver() (reserveOne func(domain.OrderID) error, finish func(), err error) {
	ctx := context.Background()
	s, err := store.Open(ctx, job.Store)
	if err != nil {
		return nil, nil, err
	}
	if job.Way == noLock {
		return func(id domain.OrderID) error {
			_, err := s.Reserve(ctx, domain.ReserveBatch{
				Orders: []domain.OrderID{id}, Products: []domain.ProductID{job.Product.ID}, PayWithin: 10 * time.Minute,
			})
			return err
		}, func() {}, nil
	}
	client, err := redis.Connect(redis.Config{Addr: job.Redis, Limit: 5 * time.Second, GateLimit: 5 * time.Second, Connections: 64})
	if err != nil {
		return nil, nil, err
	}
	locker, err := stocklock.New(client, stocklock.Config{Lease: 10 * time.Second, Pause: 5 * time.Millisecond})
	if err != nil {
		return nil, nil, err
	}
	batch := map[string]int{combined: 256, lockPerOrder: 1}[job.Way]
	combiner, err := reserve.NewCombiner(s, locks{locker}, reserve.Config{MaxBatch: batch, LockWait: time.Minute, BatchLimit: 8 * time.Second})
	if err != nil {
		return nil, nil, err
	}
	return func(id domain.OrderID) error {
		_, err := combiner.Reserve(ctx, ask(id, job.Product))
		return err
	}, combiner.Wait, nil
}
