package server

import (
	"context"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/diagram"
)

func (s *Server) companyRoutes() {
	// An expression is shown as its source.
	s.api.OpenAPI().Components.Schemas.RegisterTypeAlias(reflect.TypeFor[definitions.Expr](), reflect.TypeFor[string]())
	huma.Register(s.api, atLeast(RoleForm, read("who-am-i", "/me", "companies", "Read who you are to the API", "")), s.whoAmI)
	huma.Register(s.api, read("list-companies", "/companies", "companies", "List companies", ""), s.listCompanies)
	huma.Register(s.api, read("get-company", "/companies/{company}", "companies", "Read a company", ""), s.getCompany)
	huma.Register(s.api, read("get-process", "/companies/{company}/processes/{process}", "companies", "Read a process",
		"Compiled: defaults filled in, ladders resolved. With its versions, and the faults of an edit that is not live because of them."), s.getProcess)
}

type meView struct {
	Name      string   `json:"name" doc:"The actor of your changes."`
	Role      string   `json:"role"`
	Companies []string `json:"companies" doc:"That you may see."`
}

func (s *Server) whoAmI(ctx context.Context, _ *struct{}) (*output[meView], error) {
	h := holderOf(ctx)
	v := meView{Name: h.Name, Role: h.Role, Companies: []string{}}
	for _, c := range s.Companies() {
		if h.sees(c.ID) {
			v.Companies = append(v.Companies, c.ID)
		}
	}
	return &output[meView]{v}, nil
}

type companyView struct {
	ID        string           `json:"id"`
	Name      string           `json:"name"`
	Language  string           `json:"language"`
	Timezone  string           `json:"timezone"`
	Country   string           `json:"country"`
	Team      []roleView       `json:"team"`
	Mailboxes []mailboxView    `json:"mailboxes"`
	Processes []processSummary `json:"processes"`
}

type roleView struct {
	ID      string       `json:"id"`
	Name    string       `json:"name" doc:"What people call the role; its id unless the company says."`
	Assign  string       `json:"assign"`
	Members []memberView `json:"members"`
}

type memberView struct {
	Name   string `json:"name"`
	Email  string `json:"email"`
	Weight int    `json:"weight"`
	Away   bool   `json:"away" doc:"Today."`
}

type mailboxView struct {
	ID      string `json:"id"`
	Folder  string `json:"folder"`
	Process string `json:"process" doc:"What a lead from here enters."`
}

type processSummary struct {
	ID      string   `json:"id"`
	Name    string   `json:"name"`
	Version string   `json:"version"`
	Stages  []string `json:"stages"`
}

func (s *Server) listCompanies(ctx context.Context, in *WholePaging) (*output[List[companyView]], error) {
	views := []companyView{}
	for _, c := range s.Companies() {
		if holderOf(ctx).sees(c.ID) {
			views = append(views, s.viewCompany(c))
		}
	}
	page, err := wholeOf(views, *in)
	return &output[List[companyView]]{page}, err
}

type CompanyInput struct {
	Company string `path:"company"`
}

func (s *Server) getCompany(ctx context.Context, in *CompanyInput) (*output[companyView], error) {
	c, err := s.liveCompany(ctx, in.Company)
	if err != nil {
		return nil, err
	}
	return &output[companyView]{s.viewCompany(c)}, nil
}

// liveCompany is a company that the caller may see; another is as good as none.
func (s *Server) liveCompany(ctx context.Context, id string) (*definitions.Company, error) {
	if c := s.company(id); c != nil && holderOf(ctx).sees(id) {
		about(ctx, c.ID, "")
		return c, nil
	}
	return nil, notFound.problem("there is no such company: GET " + apiPath + "/companies lists them")
}

// viewCompany shows what a client of the API may know: no hosts and no
// accounts.
func (s *Server) viewCompany(c *definitions.Company) companyView {
	v := companyView{
		ID: c.ID, Name: c.Name, Language: c.Language, Timezone: c.Calendar.Location().String(), Country: c.Country,
		Team: []roleView{}, Mailboxes: []mailboxView{}, Processes: []processSummary{},
	}
	today := s.Now().In(c.Calendar.Location())
	for _, r := range c.Roles {
		role := roleView{ID: r.ID, Name: r.Title(), Assign: r.Assign, Members: []memberView{}}
		for _, m := range r.Members {
			role.Members = append(role.Members, memberView{Name: m.Name, Email: m.Email, Weight: max(m.Weight, 1), Away: m.AwayOn(today)})
		}
		v.Team = append(v.Team, role)
	}
	for _, m := range c.Mailboxes {
		v.Mailboxes = append(v.Mailboxes, mailboxView{ID: m.ID, Folder: m.Folder, Process: m.Process})
	}
	for _, p := range c.Processes {
		summary := processSummary{ID: p.Process, Name: p.Name, Version: p.Hash, Stages: []string{}}
		for _, st := range p.Stages {
			summary.Stages = append(summary.Stages, st.ID)
		}
		v.Processes = append(v.Processes, summary)
	}
	return v
}

type processView struct {
	Company string `json:"company"`
	Version string `json:"version"`
	Live    bool   `json:"live" doc:"New deals go by this version."`
	definitions.Spec
	Versions []versionView           `json:"versions" doc:"Newest first."`
	Diagram  string                  `json:"diagram" doc:"A Mermaid flowchart."`
	Faults   definitions.Diagnostics `json:"faults" doc:"Of an edit of the company's folder that is not live because of them."`
}

type versionView struct {
	Version   string    `json:"version"`
	FirstLive time.Time `json:"first_live"`
	Deals     int       `json:"deals" doc:"That are not closed and go by it."`
}

type processInput struct {
	CompanyInput
	Process string `path:"process"`
	Version string `query:"version" maxLength:"200" doc:"An earlier version; the live one unless given."`
}

func (s *Server) getProcess(ctx context.Context, in *processInput) (*output[processView], error) {
	c, err := s.liveCompany(ctx, in.Company)
	if err != nil {
		return nil, err
	}
	rows, err := s.Store.Versions(ctx, c.ID, in.Process)
	if err != nil {
		return nil, s.fault(ctx, "read the versions of a process", err)
	}
	live := c.Process(in.Process)
	p, v := live, processView{Company: c.ID, Versions: []versionView{}, Faults: s.faultsOf(c.ID)}
	zone := c.Calendar.Location()
	known := false
	for _, row := range rows {
		v.Versions = append(v.Versions, versionView{Version: row.Hash, FirstLive: row.FirstLive.In(zone), Deals: row.Deals})
		known = known || row.Hash == in.Version
	}
	if in.Version != "" && (live == nil || in.Version != live.Hash) {
		if !known {
			return nil, notFound.problem("the process has no such version")
		}
		if p, err = s.Process(ctx, c.ID, in.Version); err != nil {
			s.log.Warn("a version of a process cannot be had", "error", err)
			return nil, refused.problem("that version no longer fits the company as it is")
		}
	}
	if p == nil {
		return nil, notFound.problem("the company has no such process")
	}
	v.Spec, v.Version, v.Live, v.Diagram = p.Spec, p.Hash, p == live, diagram.Mermaid(p)
	return &output[processView]{v}, nil
}

// faultsOf is what keeps the company's edited folder from being live.
func (s *Server) faultsOf(company string) definitions.Diagnostics {
	faults := definitions.Diagnostics{}
	for _, d := range s.Ready().Definitions {
		if d.Company == company {
			faults = append(faults, d.Faults...)
		}
	}
	return faults
}
