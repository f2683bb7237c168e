package definitions

import (
	"io"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
)

// What a SARIF log says of itself and of where its rules are explained.
const (
	sarifVersion = "2.1.0"
	sarifSchema  = "https://json.schemastore.org/sarif-2.1.0.json"
	homepage     = "https://github.com/dealwright/dealwright"
	manualOfCode = homepage + "/blob/main/docs/diagnostics.md#"
)

// WriteSARIF writes the diagnostics as a log in SARIF 2.1.0, the form in which
// code hosts and build servers take the findings of a checker and show them
// beside the lines. Version is that of this program.
func (ds Diagnostics) WriteSARIF(w io.Writer, version string) error {
	run := sarifRun{ColumnKind: "unicodeCodePoints", Results: []sarifResult{}}
	run.Tool.Driver = sarifDriver{Name: "dealwright", Version: version, InformationURI: homepage, Rules: []sarifRule{}}
	codes := ds.codes()
	for _, code := range codes {
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, ruleOf(code))
	}
	for _, d := range ds {
		result := sarifResult{RuleID: string(d.Code), RuleIndex: slices.Index(codes, d.Code), Level: string(d.Severity)}
		result.Message.Text = d.Message
		result.Locations = make([]sarifLocation, 1)
		place := &result.Locations[0].PhysicalLocation
		place.ArtifactLocation.URI = fileURI(d.Path)
		place.Region = sarifRegion{StartLine: d.Line, StartColumn: d.Col}
		if d.Snippet != "" {
			place.Region.Snippet = &sarifText{d.Snippet}
		}
		run.Results = append(run.Results, result)
	}
	return writeIndented(w, sarifLog{Schema: sarifSchema, Version: sarifVersion, Runs: []sarifRun{run}})
}

// codes lists the codes that occur, sorted.
func (ds Diagnostics) codes() []Code {
	var codes []Code
	for _, d := range ds {
		codes = append(codes, d.Code)
	}
	slices.Sort(codes)
	return slices.Compact(codes)
}

// Manual is where the code is explained.
func (c Code) Manual() string {
	anchor := string(c)
	if c.Severity() == SeverityWarning {
		anchor += "-warning" // as the heading in the manual says
	}
	return manualOfCode + anchor
}

func ruleOf(code Code) sarifRule {
	rule := sarifRule{ID: string(code), HelpURI: code.Manual()}
	rule.ShortDescription.Text = strings.ReplaceAll(string(code), "-", " ")
	rule.DefaultConfiguration.Level = string(code.Severity())
	return rule
}

// fileURI names a file relative to where the program was started, which in CI
// is the root of the repository; one given by its full path keeps it.
func fileURI(path string) string {
	u := url.URL{Path: filepath.ToSlash(path)}
	if filepath.IsAbs(path) {
		u.Scheme = "file"
		if !strings.HasPrefix(u.Path, "/") {
			u.Path = "/" + u.Path // a drive letter
		}
	}
	return strings.TrimPrefix(u.String(), "./")
}

// The parts of a SARIF log that are written, as the standard names them.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool struct {
			Driver sarifDriver `json:"driver"`
		} `json:"tool"`
		ColumnKind string        `json:"columnKind"`
		Results    []sarifResult `json:"results"`
	}
	sarifDriver struct {
		Name           string      `json:"name"`
		Version        string      `json:"version,omitempty"`
		InformationURI string      `json:"informationUri"`
		Rules          []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID                   string    `json:"id"`
		ShortDescription     sarifText `json:"shortDescription"`
		HelpURI              string    `json:"helpUri"`
		DefaultConfiguration struct {
			Level string `json:"level"`
		} `json:"defaultConfiguration"`
	}
	sarifResult struct {
		RuleID    string          `json:"ruleId"`
		RuleIndex int             `json:"ruleIndex"`
		Level     string          `json:"level"`
		Message   sarifText       `json:"message"`
		Locations []sarifLocation `json:"locations"`
	}
	sarifLocation struct {
		PhysicalLocation struct {
			ArtifactLocation struct {
				URI string `json:"uri"`
			} `json:"artifactLocation"`
			Region sarifRegion `json:"region"`
		} `json:"physicalLocation"`
	}
	sarifRegion struct {
		StartLine   int        `json:"startLine"`
		StartColumn int        `json:"startColumn"`
		Snippet     *sarifText `json:"snippet,omitempty"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
)
