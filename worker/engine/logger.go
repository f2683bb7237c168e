package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"go.temporal.io/server/common/log"
	"go.temporal.io/server/common/log/tag"
)

// exitSystem is the exit status that says the system, not the user's input, is at fault.
const exitSystem = 3

// The stages of an engine's life decide what becomes of a log line.
const (
	stageStarting int32 = iota
	stageRunning
	stageStopping
)

// repeatAfter is how long a message is not said again. A disk that is full, for one, makes the server say the same
// dozens of times a second.
const repeatAfter = 10 * time.Second

// errorKey is the tag under which Temporal logs an error.
const errorKey = "error"

// partKey is the part of the server that speaks. To Temporal it is a component; here that is Temporal as a whole.
const partKey = "part"

// noise begins the warnings that hold for every embedded server and that nobody can act on.
var noise = []string{
	"HTTP API port has not been set.",
}

// logger hands Temporal's warnings and errors to slog. Debug and info lines are dropped: the server writes hundreds.
type logger struct {
	out    *slog.Logger
	stage  *atomic.Int32
	recent *recent
	// fatal receives what made a start impossible.
	fatal chan error
}

var (
	_ log.Logger     = (*logger)(nil)
	_ log.WithLogger = (*logger)(nil)
)

func newLogger(out *slog.Logger) *logger {
	return &logger{out: out.With("component", "temporal"), stage: new(atomic.Int32), recent: newRecent(time.Now), fatal: make(chan error, 1)}
}

// starting returns the logger of another attempt, which shares nothing with the fatal errors of the one before.
func (l *logger) starting() *logger {
	next := *l
	next.fatal = make(chan error, 1)
	return &next
}

func (l *logger) started()  { l.stage.Store(stageRunning) }
func (l *logger) stopping() { l.stage.Store(stageStopping) }

// With returns a logger that adds the tags to each line.
func (l *logger) With(tags ...tag.Tag) log.Logger {
	with := *l
	with.out = slog.New(l.out.Handler().WithAttrs(attributes(tags)))
	return &with
}

// Debug is dropped.
func (l *logger) Debug(string, ...tag.Tag) {}

// Info is dropped.
func (l *logger) Info(string, ...tag.Tag) {}

// Warn passes a warning on, unless it is noise.
func (l *logger) Warn(message string, tags ...tag.Tag) { l.write(slog.LevelWarn, message, tags) }

// Error passes an error on.
func (l *logger) Error(message string, tags ...tag.Tag) { l.write(slog.LevelError, message, tags) }

// DPanic passes on an error that is a mistake in the server, and goes on.
func (l *logger) DPanic(message string, tags ...tag.Tag) { l.write(slog.LevelError, message, tags) }

// Panic passes the error on and panics.
func (l *logger) Panic(message string, tags ...tag.Tag) {
	l.write(slog.LevelError, message, tags)
	panic(message)
}

// Fatal does not return. While the engine starts it fails the start and ends only the goroutine; the server expects
// nothing after it to run. Later it ends the process, as Temporal means it to: the data is safe in any case.
func (l *logger) Fatal(message string, tags ...tag.Tag) {
	switch l.stage.Load() {
	case stageStarting:
		select {
		case l.fatal <- fatalError(message, tags):
		default:
		}
		runtime.Goexit()
	case stageStopping:
		runtime.Goexit()
	default:
		l.write(slog.LevelError, message, tags)
		os.Exit(exitSystem)
	}
}

func (l *logger) write(level slog.Level, message string, tags []tag.Tag) {
	// A server that is being stopped complains of its own parts being gone.
	if l.stage.Load() == stageStopping || level < slog.LevelError && isNoise(message) {
		return
	}
	attrs := attributes(tags)
	if slices.ContainsFunc(attrs, isHangUp) || slices.ContainsFunc(attrs, isAssembly) {
		return
	}
	unsaid, ok := l.recent.allow(message)
	if !ok {
		return
	}
	if unsaid > 0 {
		attrs = append(attrs, slog.Int("repeated", unsaid))
	}
	l.out.LogAttrs(context.Background(), level, message, attrs...)
}

func isNoise(message string) bool {
	return slices.ContainsFunc(noise, func(start string) bool { return strings.HasPrefix(message, start) })
}

// isHangUp reports that the caller, a worker that stops for one, no longer waits for the answer. The server calls it
// an error. Often only the text of the cause is left, wrapped in another.
func isHangUp(attr slog.Attr) bool {
	return attr.Key == errorKey && strings.HasSuffix(attr.Value.String(), context.Canceled.Error())
}

// isAssembly reports a line about how the server is put together. What goes wrong there fails the start as well.
func isAssembly(attr slog.Attr) bool {
	return attr.Key == partKey && attr.Value.String() == tag.ComponentFX.Value()
}

// fatalError keeps the cause among the tags, so that a caller can tell a taken port from the rest.
func fatalError(message string, tags []tag.Tag) error {
	for _, t := range tags {
		if err := cause(t); err != nil {
			return fmt.Errorf("%s: %w", message, err)
		}
	}
	return errors.New(message)
}

// cause is the error that a tag carries, or nil.
func cause(t tag.Tag) error {
	if zap, ok := t.(tag.ZapTag); ok {
		err, _ := zap.Field().Interface.(error)
		return err
	}
	return nil
}

func attributes(tags []tag.Tag) []slog.Attr {
	attrs := make([]slog.Attr, 0, len(tags))
	for _, t := range tags {
		key := t.Key()
		if key == tag.ComponentFX.Key() {
			key = partKey
		}
		// The tag's own value may be the error's stack as well as its text.
		if err := cause(t); err != nil {
			attrs = append(attrs, slog.String(key, err.Error()))
			continue
		}
		attrs = append(attrs, slog.Any(key, t.Value()))
	}
	return attrs
}
