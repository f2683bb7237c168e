package server

import (
	"context"
	"errors"
	"log/slog"
	"mime"
	"net/http"
	"net/url"
	"runtime/debug"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gin-gonic/gin"
)

// Bounds of what a client may ask for.
const (
	maxBody    = 1 << 20  // bytes of a JSON body
	maxFile    = 25 << 20 // bytes of a document
	maxHeaders = 64 << 10
	slowest    = 30 * time.Second // of one request, from its headers to its answer
)

// recovered answers a request whose handler fails with a plain 500 and writes
// the story to the log.
func (s *Server) recovered(c *gin.Context) {
	defer func() {
		fault := recover()
		if fault == nil {
			return
		}
		if err, ok := fault.(error); ok && errors.Is(err, http.ErrAbortHandler) {
			panic(fault)
		}
		s.log.Error("a request failed", "route", c.FullPath(), "panic", fault, "stack", string(debug.Stack()))
		if !c.Writer.Written() {
			internal.problem("").write(c)
		}
		c.Abort()
	}()
	c.Next()
}

// logged writes one line for each request: a failed one where it is seen. What
// the client sent is not in it.
func (s *Server) logged(c *gin.Context) {
	start := time.Now()
	c.Next()
	status, level := c.Writer.Status(), slog.LevelDebug
	if status >= http.StatusInternalServerError {
		level = slog.LevelWarn
	}
	s.log.Log(c.Request.Context(), level, "request", "method", c.Request.Method, "route", c.FullPath(),
		"status", status, "ms", time.Since(start).Milliseconds())
}

// headers tells browsers to keep what they get to themselves.
func headers(c *gin.Context) {
	h := c.Writer.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	h.Set("Cache-Control", "no-store")
}

// bounded holds a request to its bounds before anything is done.
func bounded(c *gin.Context) {
	if p := unreadable(c.Request); p != nil {
		p.write(c)
		return
	}
	if c.FullPath() == eventsPath {
		return // it lasts as long as the client likes
	}
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, maxFile+maxBody)
	ctx, cancel := context.WithTimeout(c.Request.Context(), slowest)
	defer cancel()
	c.Request = c.Request.WithContext(ctx)
	c.Next()
}

// unreadable refuses what no address can make sense of.
func unreadable(r *http.Request) *Problem {
	if r.ContentLength > maxFile+maxBody {
		return tooLarge.problem(detailOf(tooLarge, ""))
	}
	if kind := r.Header.Get("Content-Type"); kind != "" {
		if _, _, err := mime.ParseMediaType(kind); err != nil {
			return unsupportedMedia.problem("the Content-Type cannot be read")
		}
	}
	query, err := url.QueryUnescape(r.URL.RawQuery)
	if err != nil || !isText(query) || !isText(r.URL.Path) {
		return badRequest.problem("the address is not readable text: write it in UTF-8, percent-encoded")
	}
	if answersJSON(r) && !acceptsJSON(r.Header.Values("Accept")) {
		return notAcceptable.problem("the API answers application/json: accept that")
	}
	return nil
}

// answersJSON reports whether an address answers JSON and nothing else: not the
// documentation, and not a document's file.
func answersJSON(r *http.Request) bool {
	path := r.URL.Path
	return strings.HasPrefix(path, apiPath+"/") && path != docsPath && path != openAPIPath && path != eventsPath &&
		(r.Method != http.MethodGet || (!strings.Contains(path, "/documents/") && !strings.Contains(path, "/attachments/")))
}

// isText reports whether s is text that every store can keep.
func isText(s string) bool { return utf8.ValidString(s) && !strings.Contains(s, "\x00") }

// acceptsJSON reports whether an answer in JSON is welcome.
func acceptsJSON(accept []string) bool {
	list := strings.Join(accept, ",")
	if strings.TrimSpace(list) == "" {
		return true
	}
	for part := range strings.SplitSeq(list, ",") {
		media, params, err := mime.ParseMediaType(part)
		if err != nil {
			continue
		}
		if q, err := strconv.ParseFloat(params["q"], 64); err == nil && q == 0 {
			continue
		}
		switch media {
		case "*/*", "application/*", "application/json", "application/problem+json":
			return true
		}
	}
	return false
}
