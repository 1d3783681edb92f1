package reserve_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"testing"

	"runrun/domain"
	"runrun/domain/redis/redistest"
	"runrun/domain/store"
	"runrun/domain/store/storetest"
)

// BenchmarkReserve compares ways to reserve one hot product, each running the same transaction: combined under the lock, a
// lock for every order, and no lock at all but the conditional update. Workers are processes of their own, each with buyers
// waiting. It runs on MySQL and Redis where MYSQL_DSN and REDIS_ADDR name them, else on SQLite and the embedded Redis.
func BenchmarkReserve(b *testing.B) {
	for _, way := range []string{combined, lockPerOrder, noLock} {
		for _, workers := range []int{1, 2, 4} {
			b.Run(fmt.Sprintf("%s/workers=%d", way, workers), func(b *testing.B) { benchmarkReserve(b, way, workers) })
		}
	}
}

func benchmarkReserve(b *testing.B, way string, workers int) {
	job := benchBackend(b)
	s := storetest.Open(b, job.Store)
	p := storetest.Product(b, s, int64(b.N), unique)
	ids := benchOrders(b, s, p)
	job.Way, job.Product = way, p
	children := make([]*child, workers)
	for n := range children {
		job.Orders = ids[len(ids)*n/workers : len(ids)*(n+1)/workers]
		children[n] = startChild(b, job)
	}
	b.ResetTimer()
	for _, c := range children {
		c.say(b, "go")
	}
	for _, c := range children {
		c.wait(b, "done")
	}
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "orders/s")
	storetest.WantStock(b, s, p.ID, 0, int64(b.N), 0)
}

func benchBackend(b *testing.B) reserveJob {
	if addr := os.Getenv("REDIS_ADDR"); os.Getenv("MYSQL_DSN") != "" && addr != "" {
		return reserveJob{Store: storetest.MySQL(b), Redis: addr}
	}
	_, server := redistest.Embedded(b)
	return reserveJob{Store: storetest.SQLite(b), Redis: server.Addr()}
}

// benchOrders writes one order for every iteration.
func benchOrders(b *testing.B, s *store.Store, p domain.Product) []domain.OrderID {
	b.Helper()
	ids := make([]domain.OrderID, 0, b.N)
	for len(ids) < b.N {
		orders := make([]domain.NewOrder, min(500, b.N-len(ids)))
		for n := range orders {
			orders[n] = storetest.NewOrder(domain.UserID(fmt.Sprint("usr_", len(ids)+n)), storetest.Item(p, 1))
			orders[n].Ticket = int64(len(ids) + n + 1)
		}
		if _, err := s.Accept(b.Context(), orders); err != nil {
			b.Fatal(err)
		}
		for _, o := range orders {
			ids = append(ids, o.ID)
		}
	}
	return ids
}

// child is a worker process: this very program, see TestMain.
type child struct {
	in  io.WriteCloser
	out *bufio.Scanner
}

// startChild starts a worker process and returns when it is ready.
func startChild(b *testing.B, job reserveJob) *child {
	b.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env, cmd.Stderr = append(os.Environ(), workerEnv+"=1"), os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = in.Close()
		_ = cmd.Wait()
	})
	c := &child{in, bufio.NewScanner(out)}
	text, err := json.Marshal(job)
	if err != nil {
		b.Fatal(err)
	}
	c.say(b, string(text))
	c.wait(b, "ready")
	return c
}

func (c *child) say(b *testing.B, line string) {
	b.Helper()
	if _, err := fmt.Fprintln(c.in, line); err != nil {
		b.Fatal(err)
	}
}

func (c *child) wait(b *testing.B, want string) {
	b.Helper()
	if !c.out.Scan() || c.out.Text() != want {
		b.Fatalf("the worker said %q, want %s", c.out.Text(), want)
	}
}
