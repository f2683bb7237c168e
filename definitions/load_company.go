package definitions

import (
	"io/fs"
	"path/filepath"
	"strings"
	"time"
	_ "time/tzdata" // zones are known wherever the program runs

	"golang.org/x/text/language"

	"github.com/dealwright/dealwright/calendar"
)

// company reads the whole folder.
func (l *loader) company() *Company {
	if _, err := fs.Stat(l.fsys, "company.yml"); err == nil {
		l.diags = append(l.diags, missing(filepath.Join(l.dir, companyFileName), "the file is called company.yml: rename it to company.yaml"))
		return nil
	}
	var file companyFile
	src := l.yaml(companyFileName, &file)
	c := &Company{Dir: l.dir, Calendar: calendar.New(time.UTC, calendar.Spec{})}
	if src != nil {
		b := &companyBuilder{src: src, file: &file, dir: l.dir, company: c}
		b.build()
	}
	letters := l.letters()
	drafts := l.processes(letters)
	if src != nil {
		b := &companyBuilder{src: src, file: &file, dir: l.dir, company: c}
		b.bind(drafts, len(l.list("processes", processExtensions...)) > 0)
	}
	for _, d := range drafts {
		l.check(d, c, src != nil)
	}
	l.reportUnused(drafts, letters)
	return c
}

// companyBuilder turns company.yaml into a Company and checks it on the way.
type companyBuilder struct {
	src     *source
	file    *companyFile
	dir     string
	company *Company
}

func (b *companyBuilder) build() {
	f, c := b.file, b.company
	c.ID, c.Name, c.Language = f.Company, f.Name, f.Language
	if c.ID != "" {
		b.src.checkSlug("company", c.ID)
	}
	if c.Name == "" {
		c.Name = c.ID
	}
	if c.Language == "" {
		c.Language = "en"
	}
	c.Country = b.country()
	c.Calendar = b.calendar(b.zone())
	c.Roles = b.roles()
	c.SMTP = b.smtp()
	c.From = b.from()
	c.Sending = b.sending()
	c.PublicURL = b.publicURL()
	c.Notices = b.notices()
	c.Retention = Retention{Raw: f.Retention.Raw}
	c.Webhooks = b.webhooks()
}

func (b *companyBuilder) country() string {
	code := b.file.Country
	if code == "" {
		return ""
	}
	region, err := language.ParseRegion(code)
	if err != nil || len(code) != 2 || !region.IsCountry() {
		b.src.at("country", CodeCountry, "unknown country %s: write its two-letter ISO code, such as RU", quote(code))
		return ""
	}
	if region.String() != code {
		b.src.at("country", CodeCountry, "a country is written in capitals: write %s", strings.ToUpper(code))
	}
	return region.String()
}

func (b *companyBuilder) zone() *time.Location {
	name := b.file.Timezone
	if name == "" {
		return time.UTC
	}
	zone, err := time.LoadLocation(name)
	if err != nil || name == "Local" {
		b.src.at("timezone", CodeTimezone, "unknown time zone %s: write an IANA name such as Asia/Almaty%s", quote(name), didYouMean(name, usualZones))
		return time.UTC
	}
	return zone
}

func (b *companyBuilder) calendar(zone *time.Location) *calendar.Calendar {
	var spec calendar.Spec
	given := map[time.Weekday]string{}
	for _, h := range b.file.Calendar.Hours {
		at := "calendar.hours." + h.Days
		days, err := calendar.ParseDays(h.Days)
		if err != nil {
			b.src.atKey(at, CodeHours, "%v", err)
			continue
		}
		for _, day := range days {
			if other, twice := given[day]; twice {
				b.src.atKey(at, CodeHours, "the hours of %s are given by %s already: name each day once", day, quote(other))
				continue
			}
			given[day] = h.Days
			spec.Hours[day] = h.Spans
		}
	}
	for _, days := range b.file.Calendar.Holidays {
		spec.Holidays = append(spec.Holidays, days...)
	}
	spec.Working = map[calendar.Date][]calendar.Span{}
	for day, hours := range b.file.Calendar.Working {
		date, err := calendar.ParseDate(day)
		if err != nil {
			b.src.atKey("calendar.working."+day, CodeDate, "%v", err)
			continue
		}
		spec.Working[date] = hours
	}
	return calendar.New(zone, spec)
}

func (b *companyBuilder) roles() []*Role {
	var roles []*Role
	for _, r := range b.file.Team {
		at := "team." + r.ID
		b.src.checkID(at, "role", r.ID, "owner")
		role := &Role{ID: r.ID, Name: r.Name, Assign: r.Assign}
		if role.Assign == "" {
			role.Assign = "round_robin"
		}
		seen := map[string]bool{}
		for i, m := range r.Members {
			place := index(at+".members", i)
			if !b.src.checkEmail(place+".email", m.Email) {
				continue
			}
			email := strings.ToLower(m.Email)
			if seen[email] {
				b.src.at(place+".email", CodeDuplicateID, "%s is a member of this role already: name each person once", m.Email)
				continue
			}
			seen[email] = true
			role.Members = append(role.Members, b.member(place, m))
		}
		if len(r.Members) == 0 && b.src.has(at+".members") {
			b.src.atKey(at, CodeEmptyRole, "nobody is in the role %s: name a member", quote(r.ID))
		}
		roles = append(roles, role)
	}
	return roles
}

func (b *companyBuilder) member(place string, m memberFile) Member {
	member := Member{Name: m.Name, Email: m.Email, Weight: 1}
	if m.Weight != nil {
		member.Weight = *m.Weight
		if *m.Weight < 1 || *m.Weight > 100 {
			b.src.at(place+".weight", CodeNumber, "a weight is between 1 and 100, got %d", *m.Weight)
		}
	}
	for _, days := range m.Away {
		if len(days) > 0 {
			member.Away = append(member.Away, DateRange{From: days[0], To: days[len(days)-1]})
		}
	}
	return member
}

func (b *companyBuilder) sending() Sending {
	f := b.file.Sending
	s := Sending{Hours: f.Hours, Quiet: QuietHours(f.Quiet), PerRecipientHour: 5}
	if s.Hours == "" {
		s.Hours = "any"
	}
	positive := func(at string, given *int, to *int) {
		if given == nil {
			return
		}
		if *given < 1 {
			b.src.at(at, CodeNumber, "a limit is at least 1, got %d: leave the key out for the default", *given)
			return
		}
		*to = *given
	}
	positive("sending.per_minute", f.PerMinute, &s.PerMinute)
	positive("sending.per_recipient_hour", f.PerRecipientHour, &s.PerRecipientHour)
	s.DKIM = b.dkim()
	return s
}
