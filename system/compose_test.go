package system_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
)

// loadCompose reads a compose file as Docker Compose does: interpolated with an empty environment, checked against the
// compose specification's JSON schema, and refused where a service names what the file does not declare.
func loadCompose(content []byte) (*types.Project, error) {
	root, err := filepath.Abs("..")
	if err != nil {
		return nil, err
	}
	return loader.LoadWithContext(context.Background(), types.ConfigDetails{
		WorkingDir:  root,
		ConfigFiles: []types.ConfigFile{{Filename: filepath.Join(root, "docker-compose.yml"), Content: content}},
	})
}

func shippedCompose(t *testing.T) *types.Project {
	t.Helper()
	content, err := os.ReadFile("../docker-compose.yml")
	if err != nil {
		t.Fatal(err)
	}
	project, err := loadCompose(content)
	if err != nil {
		t.Fatalf("docker-compose.yml: %v", err)
	}
	return project
}

// ours are the services that run the dealwright binary.
func ours(project *types.Project) types.Services {
	return project.Services.Filter(func(s types.ServiceConfig) bool { return s.Image == "dealwright" })
}

func TestComposeRunsTheTwoHalves(t *testing.T) {
	project := shippedCompose(t)
	services := ours(project)
	for name, replicas := range map[string]int{"worker": 2, "api": 1} {
		service, ok := services[name]
		if !ok {
			t.Errorf("no service %q runs the dealwright image", name)
			continue
		}
		if len(service.Command) == 0 || service.Command[0] != name {
			t.Errorf("service %q: command is %q, want the dealwright command %q", name, service.Command, name)
		}
		if got := service.GetScale(); got != replicas {
			t.Errorf("service %q: %d replicas, want %d", name, got, replicas)
		}
	}
	if len(services) != 2 {
		t.Errorf("services on the dealwright image: %q, want worker and api", project.ServiceNames())
	}
}

func TestComposePublishesOnLoopbackOnly(t *testing.T) {
	for name, service := range shippedCompose(t).Services {
		for _, port := range service.Ports {
			if port.HostIP != "127.0.0.1" {
				t.Errorf("service %q: port %s is published on %q, want 127.0.0.1", name, port.Published, port.HostIP)
			}
		}
	}
}

func TestComposeWaitsOnlyForWhatHasAHealthcheck(t *testing.T) {
	project := shippedCompose(t)
	for name, service := range project.Services {
		for dependency, how := range service.DependsOn {
			if how.Condition == types.ServiceConditionHealthy && project.Services[dependency].HealthCheck == nil {
				t.Errorf("service %q waits for %q to be healthy, which has no healthcheck", name, dependency)
			}
		}
	}
}

func TestComposeMountsWhatIsThere(t *testing.T) {
	for name, service := range ours(shippedCompose(t)) {
		for _, volume := range service.Volumes {
			if info, err := os.Stat(volume.Source); err == nil && info.Mode().IsRegular() {
				continue // such as the file of tokens
			}
			companies, err := filepath.Glob(filepath.Join(volume.Source, "*", "company.yaml"))
			if err != nil || len(companies) == 0 {
				t.Errorf("service %q: %s holds no company folder (%v)", name, volume.Source, err)
			}
		}
	}
}

func TestComposeGrammarIsHeld(t *testing.T) {
	for name, content := range map[string]string{
		"unknown key":        "services: {a: {image: x, comand: [worker]}}",
		"wrong type":         "services: {a: {image: x, deploy: {replicas: many}}}",
		"undeclared volume":  "services: {a: {image: x, volumes: ['data:/data']}}",
		"unknown dependency": "services: {a: {image: x, depends_on: [b]}}",
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := loadCompose([]byte("name: bad\n" + content)); err == nil {
				t.Errorf("accepted: %s", strings.TrimSpace(content))
			}
		})
	}
}
