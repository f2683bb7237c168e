// Package server is the HTTP side of Dealwright: a JSON API on Gin and huma
// that reads deals from the store and hands every change to a Commander, which
// lets the deal itself decide. It sends and reads no mail.
package server

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/ledger"
	"github.com/dealwright/dealwright/server/web"
	"github.com/dealwright/dealwright/store"
)

// Where things are.
const (
	apiPath     = "/api/v1"
	openAPIPath = apiPath + "/openapi.json"
	docsPath    = apiPath + "/docs"
	healthPath  = "/healthz"
	readyPath   = "/readyz"
	metricsPath = "/metrics"
)

// Options are what a Server works with. Store, Commander, Desk, Companies, Process,
// Now and Ready are needed; the rest has a sensible zero.
type Options struct {
	Store     *store.Store
	Commander Commander
	// Desk is where people work on mail by hand.
	Desk ledger.Desk
	// Companies are the live ones, in a stable order.
	Companies func() []*definitions.Company
	// Process is the process version of that hash, bound to the live company.
	Process func(ctx context.Context, company, hash string) (*definitions.Process, error)
	// Now is deal time.
	Now func() time.Time
	// Ready says how the server's surroundings are.
	Ready func() Readiness
	// Tokens let their holders in, as those of the store do; without any the API
	// serves this machine only.
	Tokens []Token
	// SignIn lets people in by an OpenID Connect provider; nil: by tokens only.
	SignIn *SignIn
	// PublicURL is the address of this server as browsers see it. A provider
	// sends people back to its /auth/callback; empty will do without one.
	PublicURL string
	// Rate is how many requests in a second a token may make; 0: a hundred.
	Rate float64
	// TrustedProxies are the addresses or networks of proxies that are believed
	// who calls through them; none by default.
	TrustedProxies []string
	// Metrics is the registry that /metrics shows; nil: one of the server's own.
	Metrics *prometheus.Registry
	// Logger takes the server's own log; nil: nowhere.
	Logger  *slog.Logger
	Version string
}

// Server answers HTTP. It is an [http.Handler]; Run serves it.
type Server struct {
	Options
	tokens  map[[sha256.Size]byte]Token
	closed  atomic.Bool // the store has tokens
	oidc    provider
	streams atomic.Int32
	ending  chan struct{} // closed when the server ends
	end     sync.Once
	limits  *limits
	pages   *web.Web
	wrong   error // of the options; Serve tells it
	log     *slog.Logger
	handler http.Handler
	api     huma.API
	metrics *metrics
}

// New makes a server ready to serve.
func New(o Options) *Server {
	s := &Server{Options: o, log: o.Logger, tokens: map[[sha256.Size]byte]Token{}, limits: &limits{callers: map[string]*caller{}}, ending: make(chan struct{})}
	if s.Rate == 0 {
		s.Rate = usualRate
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	for _, t := range o.Tokens {
		s.tokens[t.Hash] = t
	}
	s.metrics = newMetrics(o.Metrics, o.Version)

	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	// An address is exact: nothing is redirected. No proxy is trusted to say who
	// calls unless it is named.
	engine.RedirectTrailingSlash = false
	engine.HandleMethodNotAllowed = true
	engine.UseRawPath, engine.UnescapePathValues = true, true
	engine.ForwardedByClientIP = len(o.TrustedProxies) > 0
	if err := engine.SetTrustedProxies(o.TrustedProxies); err != nil {
		s.wrong = fmt.Errorf("trusted proxies: %w: name addresses such as 10.0.0.5, or networks such as 10.0.0.0/8", err)
	}
	engine.Use(s.metrics.observe, s.logged, s.recovered, headers, s.guard, bounded)
	engine.NoRoute(func(c *gin.Context) { notFound.problem("nothing is at this address: see " + docsPath).write(c) })
	engine.NoMethod(func(c *gin.Context) {
		methodNotAllowed.problem("use one of the methods that Allow lists").write(c)
	})
	s.handler = engine

	s.api = humagin.New(engine, configuration(o.Version))
	s.api.UseMiddleware(s.audited, s.authorized)
	s.routes()
	openAnswers(s.api.OpenAPI())
	engine.GET(healthPath, s.health)
	engine.GET(readyPath, s.ready)
	engine.GET(metricsPath, gin.WrapH(s.metrics.handler()))
	s.optOutRoute(engine)
	s.dashboardRoutes(engine)
	s.describe(engine)
	s.signInRoutes(engine)
	return s
}

func (s *Server) routes() {
	s.dealRoutes()
	s.changeRoutes()
	s.taskRoutes()
	s.documentRoutes()
	s.generateRoutes()
	s.mailRoutes()
	s.messageRoutes()
	s.deskRoutes()
	s.companyRoutes()
	s.reportRoutes()
	s.auditRoutes()
	s.streamRoutes()
	s.bulkRoutes()
	s.captureRoutes()
}

// ServeHTTP answers one request. HEAD is GET whose body net/http leaves out.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodHead {
		get := *r
		get.Method = http.MethodGet
		r = &get
	}
	s.handler.ServeHTTP(w, r)
}

// Run serves on an address, such as 127.0.0.1:8080, until ctx ends, and then
// lets requests under way finish. Without tokens it refuses an address that
// others can reach.
func (s *Server) Run(ctx context.Context, listen string) error {
	if !isLoopback(listen) {
		if err := s.needTokens(ctx, "listen on "+strconv.Quote(listen)); err != nil {
			return err
		}
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", listen)
	if err != nil {
		return fmt.Errorf("listen on %q: %w", listen, err)
	}
	return s.Serve(ctx, listener)
}

// needTokens refuses to serve others than this machine without tokens.
func (s *Server) needTokens(ctx context.Context, what string) error {
	if s.open(ctx) {
		return fmt.Errorf("%s: without tokens the API serves this machine only: listen on 127.0.0.1, or make a token with 'dealwright token create'", what)
	}
	return nil
}

// grace is how long requests under way may take to finish at the end.
const grace = 5 * time.Second

// Serve is Run on a listener that is open already; it closes it.
func (s *Server) Serve(ctx context.Context, listener net.Listener) error {
	if s.wrong != nil {
		return errors.Join(s.wrong, listener.Close())
	}
	if addr, ok := listener.Addr().(*net.TCPAddr); ok && !addr.IP.IsLoopback() {
		if err := s.needTokens(ctx, "serve on "+addr.String()); err != nil {
			return errors.Join(err, listener.Close())
		}
	}
	h := &http.Server{
		Handler:           s,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       slowest,
		WriteTimeout:      2 * slowest,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    maxHeaders,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
	h.RegisterOnShutdown(func() { s.end.Do(func() { close(s.ending) }) }) // or streams would hold it up
	failed := make(chan error, 1)
	go func() { failed <- h.Serve(listener) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve HTTP on %s: %w", listener.Addr(), err)
	case <-ctx.Done():
	}
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	if err := h.Shutdown(end); err != nil {
		// Whoever still waits is cut off rather than keeping the program alive.
		return errors.Join(ignoreDeadline(err), h.Close())
	}
	return nil
}

func ignoreDeadline(err error) error {
	if errors.Is(err, context.DeadlineExceeded) {
		return nil
	}
	return err
}

// configuration is what huma needs to know of the API.
func configuration(version string) huma.Config {
	if version == "" {
		version = "dev"
	}
	jsonFormat := huma.Format{Marshal: huma.DefaultJSONFormat.Marshal, Unmarshal: readJSON}
	return huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info:    &huma.Info{Title: "Dealwright", Version: version, Description: introduction},
			Components: &huma.Components{
				Schemas:         huma.NewMapRegistry("#/components/schemas/", schemaName),
				SecuritySchemes: map[string]*huma.SecurityScheme{"token": {Type: "http", Scheme: "bearer"}},
			},
			Security: []map[string][]string{{}, {"token": {}}},
		},
		Formats:       map[string]huma.Format{"application/json": jsonFormat, "json": jsonFormat},
		DefaultFormat: "application/json",
	}
}

// output is an answer with nothing but a body.
type output[T any] struct{ Body T }
