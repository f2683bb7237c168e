package engine

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.temporal.io/server/common/log"
	"go.temporal.io/server/common/log/tag"
)

func TestLogLevels(t *testing.T) {
	cases := []struct {
		name  string
		write func(log.Logger)
		want  string
	}{
		{"debug is dropped", func(l log.Logger) { l.Debug("a") }, ""},
		{"info is dropped", func(l log.Logger) { l.Info("a") }, ""},
		{"noise is dropped", func(l log.Logger) { l.Warn("HTTP API port has not been set. Nexus…") }, ""},
		{"a caller that hung up is dropped", func(l log.Logger) { l.Error("a", tag.Error(errors.New("poll: context canceled"))) }, ""},
		{"a warning", func(l log.Logger) { l.Warn("a", tag.String("k", "v")) }, "level=WARN msg=a component=temporal k=v\n"},
		{"an error", func(l log.Logger) { l.Error("a", tag.Error(errors.New("b"))) }, "level=ERROR msg=a component=temporal error=b\n"},
		{"a line of the assembly is dropped", func(l log.Logger) { l.Error("invoke failed", tag.ComponentFX) }, ""},
		{"a part", func(l log.Logger) { l.Warn("a", tag.ComponentMatchingEngine) }, "level=WARN msg=a component=temporal part=matching-engine\n"},
		{
			"tags of a part", func(l log.Logger) { log.With(l, tag.String("part", "x")).Warn("a", tag.Int("n", 1)) },
			"level=WARN msg=a component=temporal part=x n=1\n",
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var out bytes.Buffer
			c.write(loggerTo(&out))
			if out.String() != c.want {
				t.Errorf("got %q, not %q", out.String(), c.want)
			}
		})
	}
}

func TestLogIsQuietWhileStopping(t *testing.T) {
	var out bytes.Buffer
	l := loggerTo(&out)
	l.stopping()
	l.Error("a part of me is gone")
	if out.Len() > 0 {
		t.Errorf("got %q", out.String())
	}
}

func TestARepeatedMessageIsHeldBack(t *testing.T) {
	var out bytes.Buffer
	now := time.Now()
	l := loggerTo(&out)
	l.recent = newRecent(func() time.Time { return now })
	part := l.With(tag.String("k", "v"))
	for range 3 {
		part.Error("full")
	}
	l.Error("other")
	now = now.Add(repeatAfter)
	l.Error("full")
	l.Error("full")
	want := "level=ERROR msg=full component=temporal k=v\n" +
		"level=ERROR msg=other component=temporal\n" +
		"level=ERROR msg=full component=temporal repeated=2\n"
	if out.String() != want {
		t.Errorf("got %q, not %q", out.String(), want)
	}
}

func TestFatalWhileStartingEndsTheGoroutine(t *testing.T) {
	l := loggerTo(&bytes.Buffer{}).starting()
	ended := make(chan bool)
	go func() {
		defer close(ended)
		l.Fatal("no port", tag.String("address", "x"), tag.Error(syscall.EADDRINUSE))
		ended <- true
	}()
	if <-ended {
		t.Error("the goroutine went on")
	}
	if err := <-l.fatal; !errors.Is(err, syscall.EADDRINUSE) || !strings.HasPrefix(err.Error(), "no port: ") {
		t.Errorf("got %v", err)
	}
}

func loggerTo(out *bytes.Buffer) *logger {
	return newLogger(slog.New(slog.NewTextHandler(out, &slog.HandlerOptions{
		ReplaceAttr: func(_ []string, attr slog.Attr) slog.Attr {
			if attr.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return attr
		},
	})))
}
