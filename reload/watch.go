package reload

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"github.com/fsnotify/fsnotify"
)

// Watch takes the files whenever they have changed and come to rest, and at
// once at every signal of now, until the context ends.
func (r *Reloader) Watch(ctx context.Context, now <-chan os.Signal) {
	announced := make(chan struct{}, 1)
	watcher := r.announce(ctx, announced)
	s := settling{seen: r.stamp}
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		take := false
		again := poll
		select {
		case <-ctx.Done():
			return
		case <-now:
			take = true
			s = settling{seen: stamp(r.path)}
		case <-announced:
			s.touch(time.Now())
			_, again = s.look(time.Now(), stamp(r.path))
		case <-timer.C:
			take, again = s.look(time.Now(), stamp(r.path))
		}
		if take {
			if err := r.Reload(ctx); err != nil && ctx.Err() == nil {
				if !errors.Is(err, errUnsteady) {
					r.Log.Error("definitions not read again; the next try follows", "error", err)
				}
				s.touch(time.Now())
				again = quiet
			}
			r.follow(watcher)
		}
		timer.Reset(again)
	}
}

// announce has the system tell of changes under the path. Where it cannot, the
// files are looked at now and then, which finds every change a little later.
func (r *Reloader) announce(ctx context.Context, announced chan<- struct{}) *fsnotify.Watcher {
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		r.Log.Warn("changes of files are not announced here; they are looked for every two seconds", "error", err)
		return nil
	}
	context.AfterFunc(ctx, func() { _ = watcher.Close() })
	r.follow(watcher)
	go func() {
		for {
			select {
			case event, open := <-watcher.Events:
				if !open {
					return
				}
				if event.Op == fsnotify.Chmod || passing(filepath.Base(event.Name)) {
					continue // of no matter, and some programs never cease to
				}
			case _, open := <-watcher.Errors:
				if !open {
					return
				}
				// Announcements were lost: something has happened.
			}
			select {
			case announced <- struct{}{}:
			default:
			}
		}
	}()
	return watcher
}

// follow watches every folder there is now; one that is followed already is
// no matter, and one that cannot be is looked at now and then.
func (r *Reloader) follow(watcher *fsnotify.Watcher) {
	if watcher == nil {
		return
	}
	for _, dir := range folders(r.path) {
		_ = watcher.Add(dir)
	}
}
