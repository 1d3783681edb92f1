package e2e

import (
	"bytes"
	"net"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/go-sql-driver/mysql"
)

// proxy stands between the shop and its database, or the gateway, and breaks the way in one exact manner.
type proxy struct {
	target   string
	listener net.Listener

	mu      sync.Mutex
	flowing chan struct{} // closed while data flows
	refuse  bool
	lose    []string
	lost    chan struct{}
	conns   map[net.Conn]bool
}

// newProxy listens for a database's server, and returns the DSN that goes through the proxy.
func newProxy(t *testing.T, dsn string) (*proxy, string) {
	t.Helper()
	cfg, err := mysql.ParseDSN(dsn)
	if err != nil {
		t.Fatal(err)
	}
	p := newProxyTo(t, cfg.Addr)
	cfg.Addr = p.listener.Addr().String()
	return p, cfg.FormatDSN()
}

// newProxyTo listens for the server at an address.
func newProxyTo(t *testing.T, target string) *proxy {
	t.Helper()
	p := &proxy{target: target, flowing: make(chan struct{}), lost: make(chan struct{}, 1), conns: map[net.Conn]bool{}}
	close(p.flowing)
	var err error
	if p.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	go p.serve()
	t.Cleanup(func() {
		_ = p.listener.Close()
		p.cut(true)
	})
	return p
}

func (p *proxy) serve() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.mu.Lock()
		target := p.target
		p.mu.Unlock()
		server, err := net.Dial("tcp", target)
		p.mu.Lock()
		if err != nil || p.refuse {
			p.mu.Unlock()
			_ = client.Close()
			if server != nil {
				_ = server.Close()
			}
			continue
		}
		p.conns[client], p.conns[server] = true, true
		p.mu.Unlock()
		var swallow atomic.Bool // the next answer on this connection is lost
		seen := 0
		go p.pass(client, server, func(request []byte) bool {
			if seen = p.follow(request, seen); seen < 0 {
				swallow.Store(true)
			}
			return true
		})
		go p.pass(server, client, func([]byte) bool {
			if !swallow.Load() {
				return true
			}
			p.cut(true)
			p.lost <- struct{}{}
			return false
		})
	}
}

// follow counts how many of the texts a connection has sent, in their order; -1 with the last.
func (p *proxy) follow(request []byte, seen int) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	if seen < 0 || seen >= len(p.lose) || !bytes.Contains(request, []byte(p.lose[seen])) {
		return seen
	}
	if seen++; seen == len(p.lose) {
		return -1
	}
	return seen
}

// loseAnswerTo loses the answer to the last of these texts, sent one after another on one connection, and with it every
// connection; new ones are refused until cut(false).
func (p *proxy) loseAnswerTo(texts ...string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lose = texts
}

// pass copies what one side says to the other, as far as each piece may pass.
func (p *proxy) pass(from, to net.Conn, may func([]byte) bool) {
	defer func() { _, _ = from.Close(), to.Close() }()
	buffer := make([]byte, 64<<10)
	for {
		n, err := from.Read(buffer)
		if err != nil {
			return
		}
		p.mu.Lock()
		flowing := p.flowing
		p.mu.Unlock()
		<-flowing
		if !may(buffer[:n]) {
			return
		}
		if _, err := to.Write(buffer[:n]); err != nil {
			return
		}
	}
}

// lead sends new connections to another server, as a load balancer does.
func (p *proxy) lead(target string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.target = target
}

// cut breaks all connections, and refuses new ones if so wanted.
func (p *proxy) cut(refuse bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refuse, p.lose = refuse, nil
	for conn := range p.conns {
		_ = conn.Close()
	}
	clear(p.conns)
}

// hang lets nothing through until the returned function is called.
func (p *proxy) hang() (resume func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	gate := make(chan struct{})
	p.flowing = gate
	return func() { close(gate) }
}
