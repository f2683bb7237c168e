package engine

import (
	"context"
	"errors"
	"fmt"
	"net"
	"runtime"
	"strconv"
	"time"

	"go.temporal.io/server/common/authorization"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/membership/static"
	"go.temporal.io/server/common/primitives"
	"go.temporal.io/server/temporal"
)

const loopback = "127.0.0.1"

// services are the parts of a Temporal server, in the order in which their ports are handed out.
var services = []primitives.ServiceName{
	primitives.FrontendService, primitives.HistoryService, primitives.MatchingService, primitives.WorkerService,
}

// server is a Temporal server that was launched in this process.
type server struct {
	temporal temporal.Server
	hostPort string
}

// errVanished stands for a start that ended without an answer: the logger holds the reason.
var errVanished = errors.New("the server gave up without a reason")

// launch builds and starts the server. It does so in a goroutine of its own, because Temporal answers some faults,
// a taken port for one, with a fatal log line, and the logger then ends the goroutine that wrote it.
func launch(ctx context.Context, data database, ports map[primitives.ServiceName]int, log *logger) (*server, error) {
	launched := &server{hostPort: address(ports[primitives.FrontendService])}
	hosts := make(map[primitives.ServiceName]static.Hosts, len(ports))
	for service, port := range ports {
		hosts[service] = static.SingleLocalHost(address(port))
	}
	done := make(chan error, 1)
	go func() {
		result := errVanished
		defer func() {
			// The server wraps some of its steps so that a goroutine which ends inside one panics with nil on its way out.
			if fault := recover(); fault != nil {
				if _, ending := fault.(*runtime.PanicNilError); !ending {
					panic(fault)
				}
			}
			done <- result
		}()
		result = launched.start(serverConfig(data, ports), hosts, log)
	}()
	select {
	case err := <-log.fatal:
		return nil, err
	case <-ctx.Done():
		go func() {
			if <-done == nil {
				launched.stop(stopWithin)
			}
		}()
		return nil, ctx.Err()
	case err := <-done:
		select {
		case fatal := <-log.fatal:
			return nil, fatal
		default:
			return launched, err
		}
	}
}

func (s *server) start(cfg *config.Config, hosts map[primitives.ServiceName]static.Hosts, log *logger) error {
	var err error
	s.temporal, err = temporal.NewServer(
		temporal.WithConfig(cfg),
		temporal.ForServices(temporal.DefaultServices),
		temporal.WithStaticHosts(hosts),
		temporal.WithDynamicConfigClient(tuning),
		temporal.WithAuthorizer(authorization.NewNoopAuthorizer()),
		temporal.WithClaimMapper(func(*config.Config) authorization.ClaimMapper {
			return authorization.NewNoopClaimMapper()
		}),
		temporal.WithLogger(log),
	)
	if err != nil {
		return innermost(err)
	}
	return s.temporal.Start()
}

// innermost is the fault itself, without the names of all the constructors that it passed through.
func innermost(err error) error {
	for inner := errors.Unwrap(err); inner != nil; inner = errors.Unwrap(err) {
		err = inner
	}
	return err
}

// stop reports whether the server ended in time.
func (s *server) stop(within time.Duration) bool {
	done := make(chan struct{})
	go func() {
		defer close(done)
		// An error here is a service that did not end in time, which the deadline below is about.
		_ = s.temporal.Stop()
	}()
	select {
	case <-done:
		return true
	case <-time.After(within):
		return false
	}
}

// freePorts finds a free loopback port for each service. All are held at once, so that they differ.
func freePorts() (map[primitives.ServiceName]int, error) {
	ports := make(map[primitives.ServiceName]int, len(services))
	for _, service := range services {
		listener, err := net.Listen("tcp", net.JoinHostPort(loopback, "0"))
		if err != nil {
			return nil, fmt.Errorf("find a free port on %s for Temporal: %w", loopback, err)
		}
		defer listener.Close()
		ports[service] = listener.Addr().(*net.TCPAddr).Port
	}
	return ports, nil
}

func address(port int) string {
	return net.JoinHostPort(loopback, strconv.Itoa(port))
}
