package system

import (
	"net"
	"sync"
	"testing"
	"time"
)

// Proxy stands between a client and a server on loopback and does to their connections what networks do: it cuts them, lets
// them fall silent, slows them down, or forgets them so that each end still believes in the other.
type Proxy struct {
	listener net.Listener
	target   string
	all      sync.WaitGroup

	mu      sync.Mutex
	pairs   map[*pair]struct{}
	gate    chan struct{} // closed while bytes may pass
	open    bool
	closed  bool
	delay   time.Duration
	limit   int64 // bytes from the server after which a connection is cut; 0: none
	carried int64
	made    int
}

// pair is one connection of a client with the one that the proxy has made for it.
type pair struct {
	client, server net.Conn
	dead           chan struct{} // closed when neither end is to hear of the other any more
	gone           chan struct{} // closed when the pair is cut
	once           sync.Once
	fromServer     int64
}

// StartProxy starts a proxy to the server at target that ends with the test.
func StartProxy(t testing.TB, target string) *Proxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("start a proxy: %v", err)
	}
	p := &Proxy{listener: listener, target: target, pairs: map[*pair]struct{}{}, gate: make(chan struct{}), open: true}
	close(p.gate)
	p.all.Go(p.accept)
	t.Cleanup(func() {
		_ = listener.Close()
		p.mu.Lock()
		p.closed = true
		p.mu.Unlock()
		p.Cut()
		p.all.Wait()
	})
	return p
}

// Addr is where clients connect to.
func (p *Proxy) Addr() string { return p.listener.Addr().String() }

// Connections is how many connections were made so far.
func (p *Proxy) Connections() int { p.mu.Lock(); defer p.mu.Unlock(); return p.made }

// Carried is how many bytes the server has said so far, over all connections.
func (p *Proxy) Carried() int64 { p.mu.Lock(); defer p.mu.Unlock(); return p.carried }

// Cut resets every connection at both ends, and tells how many there were.
func (p *Proxy) Cut() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.pairs {
		c.cut()
	}
	return len(p.pairs)
}

// Stall lets nothing pass until Resume: connections stay, and new ones are accepted and hear nothing.
func (p *Proxy) Stall() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.open {
		p.gate, p.open = make(chan struct{}), false
	}
}

// Resume ends a Stall; what was said meanwhile arrives.
func (p *Proxy) Resume() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.open {
		close(p.gate)
		p.open = true
	}
}

// Forget loses all that is said on the connections there are, for good, without either end being told, as a router does that
// has restarted. It tells how many there were. New connections work.
func (p *Proxy) Forget() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := 0
	for c := range p.pairs {
		select {
		case <-c.dead:
		default:
			close(c.dead)
			n++
		}
	}
	return n
}

// Delay makes all that is said from now on arrive that much later.
func (p *Proxy) Delay(d time.Duration) { p.mu.Lock(); defer p.mu.Unlock(); p.delay = d }

// CutAfter cuts each connection made from now on after so many bytes of the server's, in the middle of whatever it says; 0
// leaves them whole.
func (p *Proxy) CutAfter(bytes int64) { p.mu.Lock(); defer p.mu.Unlock(); p.limit = bytes }

func (p *Proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", p.target)
		if err != nil {
			reset(client)
			continue
		}
		c := &pair{client: client, server: server, dead: make(chan struct{}), gone: make(chan struct{})}
		p.mu.Lock()
		if p.closed {
			c.cut()
		}
		p.pairs[c], p.made = struct{}{}, p.made+1
		limit := p.limit
		p.mu.Unlock()
		var both sync.WaitGroup
		both.Go(func() { p.pass(c, server, client, 0) })
		both.Go(func() { p.pass(c, client, server, limit) })
		p.all.Go(func() {
			both.Wait()
			p.mu.Lock()
			delete(p.pairs, c)
			p.mu.Unlock()
		})
	}
}

// pass carries what one end says to the other until an end hangs up or the pair is cut.
func (p *Proxy) pass(c *pair, to, from net.Conn, limit int64) {
	buffer := make([]byte, 16<<10)
	for {
		n, err := from.Read(buffer)
		said, last := buffer[:n], err != nil
		if from == c.server {
			c.fromServer += int64(n)
			if over := c.fromServer - limit; limit > 0 && over >= 0 {
				said, last = said[:max(0, int64(n)-over)], true
			}
			p.mu.Lock()
			p.carried += int64(len(said))
			p.mu.Unlock()
		}
		if !p.await(c) {
			if last {
				return // of a forgotten connection nobody is told, not even that it ended
			}
			continue
		}
		if len(said) > 0 {
			if _, err := to.Write(said); err != nil {
				last = true
			}
		}
		if last {
			c.cut()
			return
		}
	}
}

// await holds what was said back as long as it must be, and tells whether it is to be passed on at all.
func (p *Proxy) await(c *pair) bool {
	p.mu.Lock()
	gate, delay := p.gate, p.delay
	p.mu.Unlock()
	select {
	case <-gate:
	case <-c.dead:
	case <-c.gone:
	}
	if delay > 0 {
		select {
		case <-time.After(delay):
		case <-c.dead:
		case <-c.gone:
		}
	}
	select {
	case <-c.dead:
		return false
	default:
		return true
	}
}

// cut resets both connections, so that neither end takes it for a proper end.
func (c *pair) cut() {
	c.once.Do(func() {
		close(c.gone)
		reset(c.client)
		reset(c.server)
	})
}

func reset(conn net.Conn) {
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}
