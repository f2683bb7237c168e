package main

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"

	"github.com/spf13/pflag"

	"github.com/dealwright/dealwright/server"
)

// access is what the API is told of who may use it.
type access struct {
	tokens    string
	proxies   []string
	rate      float64
	publicURL string
	issuer    string
	client    string
	secret    string
	people    string
}

func (a *access) flags(f *pflag.FlagSet) {
	f.StringVar(&a.tokens, "tokens", "", "file of API tokens, beside those of 'dealwright token'; without any the API serves this machine only")
	f.StringSliceVar(&a.proxies, "trusted-proxy", nil, "address or network of a proxy that is believed who calls through it")
	f.Float64Var(&a.rate, "rate", 100, "requests in a second that one token may make")
	f.StringVar(&a.publicURL, "public-url", "", "address of this server as browsers see it, for signing in")
	f.StringVar(&a.issuer, "oidc-issuer", "", "OpenID Connect provider that people sign in by")
	f.StringVar(&a.client, "oidc-client", "", "client id of this server at the provider")
	f.StringVar(&a.secret, "oidc-secret-file", "", "file with the client's secret; none for a public client")
	f.StringVar(&a.people, "people", "", "file of who may sign in: an address, a role and companies to a line")
}

// into puts it into the server's options.
func (a *access) into(o *server.Options) error {
	if a.rate < 0 {
		return usageFault(errors.New("--rate: it cannot be less than nothing"))
	}
	o.Rate, o.TrustedProxies, o.PublicURL = a.rate, a.proxies, a.publicURL
	if a.tokens != "" {
		tokens, err := server.LoadTokens(a.tokens)
		if err != nil {
			return inputFault(err)
		}
		o.Tokens = tokens
	}
	return a.signIn(o)
}

func (a *access) signIn(o *server.Options) error {
	if a.issuer == "" {
		return nil
	}
	if a.client == "" || a.people == "" {
		return usageFault(errors.New("--oidc-issuer needs --oidc-client and --people too"))
	}
	if at, err := url.Parse(a.publicURL); err != nil || (at.Scheme != "https" && at.Scheme != "http") || at.Host == "" {
		return usageFault(errors.New("--public-url: --oidc-issuer needs the whole address that browsers see, such as https://crm.example"))
	}
	people, err := server.LoadPeople(a.people)
	if err != nil {
		return inputFault(err)
	}
	in := &server.SignIn{Issuer: a.issuer, ClientID: a.client, People: people}
	if a.secret != "" {
		text, err := os.ReadFile(a.secret)
		if err != nil {
			return inputFault(fmt.Errorf("--oidc-secret-file: %w", err))
		}
		in.ClientSecret = strings.TrimSpace(string(text))
	}
	o.SignIn = in
	return nil
}
