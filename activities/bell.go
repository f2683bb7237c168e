package activities

import "sync"

// bell wakes the sender of an account in the same process at once; a sender in
// another process finds the letter when it next looks.
type bell struct {
	mu    sync.Mutex
	ropes map[string]chan struct{}
}

func (b *bell) rope(account string) chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ropes == nil {
		b.ropes = map[string]chan struct{}{}
	}
	if b.ropes[account] == nil {
		b.ropes[account] = make(chan struct{}, 1)
	}
	return b.ropes[account]
}

func (b *bell) ring(account string) {
	select {
	case b.rope(account) <- struct{}{}:
	default:
	}
}
