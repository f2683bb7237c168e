package simulate

import (
	"os"
	"time"

	"github.com/dealwright/dealwright/calendar"
	"github.com/dealwright/dealwright/definitions"
)

// Settings is simulation.yaml: how leads arrive, and how clients and the team
// behave. Whatever it does not say has a default.
type Settings struct {
	// Process is the id of the process that fields and stages are of; the company's only one unless given.
	Process string `yaml:"process"`
	// LeadsPerWeek is how many leads arrive in a week; 10 unless given.
	LeadsPerWeek *float64 `yaml:"leads_per_week"`
	// Returning is the share of leads from clients who had a deal before; 20% unless given.
	Returning *float64 `yaml:"returning" format:"percent"`
	// Start is the day on which the simulation begins; 2026-01-01 unless given.
	Start Day `yaml:"start"`
	// Length is how long a client who buys takes from the first letter to the win, if nobody on our side is slow.
	Length Length `yaml:"length"`
	// Client is how clients behave.
	Client Client `yaml:"client"`
	// Stages by id: how clients go through them.
	Stages map[string]Passage `yaml:"stages"`
	// Fields by id: what is filled in.
	Fields map[string]Values `yaml:"fields"`
	// Team is how people work.
	Team Team `yaml:"team"`
}

// Length is how long a sale takes: the table of B2B sales, whose new clients
// take longer than known ones, or a median with a spread.
type Length struct {
	// Median is the length that half of the clients stay below. Without it the table of B2B sales is used.
	Median *calendar.Duration `yaml:"median"`
	// Spread is the standard deviation of the length's logarithm; 0.6 unless given.
	Spread *float64 `yaml:"spread"`
}

// Client is how clients behave.
type Client struct {
	// Reply is how likely an interested client answers a letter; 35% unless given.
	Reply *float64 `yaml:"reply" format:"percent"`
	// ReplyAfter is the median time to the answer; 1d unless given.
	ReplyAfter *calendar.Duration `yaml:"reply_after"`
	// Reach is how likely a call or a meeting reaches an interested client; 70% unless given.
	Reach *float64 `yaml:"reach" format:"percent"`
	// Bounce is the share of leads whose address does not exist; 2% unless given.
	Bounce *float64 `yaml:"bounce" format:"percent"`
	// Unsubscribe is how likely a letter makes the client ask for no more; 0.5% unless given.
	Unsubscribe *float64 `yaml:"unsubscribe" format:"percent"`
	// Revive is the share of clients who are interested again when a lost deal comes back; 30% unless given.
	Revive *float64 `yaml:"revive" format:"percent"`
	// Silent is the share of those dropping out who just stop answering instead of saying no; 50% unless given.
	Silent *float64 `yaml:"silent" format:"percent"`
}

// Passage is how clients go through a stage.
type Passage struct {
	// Pass is the share of clients who want to go on to the next stage. Unless given it follows from the probabilities of the process, or is 80%.
	Pass *float64 `yaml:"pass" format:"percent"`
	// Share of a sale's length that the stage takes, in relation to those of the other stages. Unless given it is the stage's target, or equal.
	Share *float64 `yaml:"share"`
}

// Values is what a field is filled with.
type Values struct {
	// Options of a choice with their weights; those left out are not chosen.
	Options map[string]float64 `yaml:"options"`
	// Median of a number or of money.
	Median *float64 `yaml:"median"`
	// Spread is the standard deviation of the number's logarithm; 0.6 unless given.
	Spread *float64 `yaml:"spread"`
	// From is the least of a whole number between two that are all as likely.
	From *int `yaml:"from"`
	// To is the most of it.
	To *int `yaml:"to"`
	// True is how likely a yes-or-no field is yes; 50% unless given.
	True *float64 `yaml:"yes" format:"percent"`
}

// Team is how people work.
type Team struct {
	// Capacity is the share of opening hours that people have for deals; 75% unless given.
	Capacity *float64 `yaml:"capacity" format:"percent"`
	// Heed is how likely a person acts on a notice; 80% unless given.
	Heed *float64 `yaml:"heed" format:"percent"`
	// Effort is how long each kind of task takes.
	Effort Effort `yaml:"effort"`
}

// Effort is how long work takes the person who does it.
type Effort struct {
	// Call takes 20m unless given.
	Call *calendar.Duration `yaml:"call"`
	// Email takes 15m unless given.
	Email *calendar.Duration `yaml:"email"`
	// Meeting takes 90m unless given.
	Meeting *calendar.Duration `yaml:"meeting"`
	// Document takes 2h unless given.
	Document *calendar.Duration `yaml:"document"`
	// Todo takes 30m unless given.
	Todo *calendar.Duration `yaml:"todo"`
}

// Day is a day of the calendar, such as 2026-01-01.
type Day string

func init() {
	definitions.ReadAs(func(v definitions.Value, out *Day) {
		text, ok := v.Text("a day such as 2026-01-01")
		if !ok {
			return
		}
		if _, err := calendar.ParseDate(text); err != nil {
			v.Fault(definitions.CodeDate, "%v", err)
			return
		}
		*out = Day(text)
	})
}

const settingsFile = "simulation.yaml"

// defaultStart begins every simulation on the same day, so that it can be
// repeated on any other.
var defaultStart = calendar.Date{Year: 2026, Month: time.January, Day: 1}

// start is the moment at which the simulation begins.
func (s *Settings) start(zone *time.Location) time.Time {
	day := defaultStart
	if s.Start != "" {
		day, _ = calendar.ParseDate(string(s.Start)) // it was read when the file was
	}
	return time.Date(day.Year, day.Month, day.Day, 0, 0, 0, 0, zone)
}

// Load reads and checks the settings of a company's folder. A company without
// a simulation.yaml has the defaults.
func Load(c *definitions.Company) (*Settings, definitions.Diagnostics) {
	root, err := os.OpenRoot(c.Dir)
	if err != nil {
		return nil, definitions.Diagnostics{{
			Path: c.Dir, Line: 1, Col: 1, Code: definitions.CodeUnreadableFile, Severity: definitions.SeverityError,
			Message: "cannot read the folder: " + err.Error(),
		}}
	}
	defer root.Close()
	return LoadFS(root.FS(), c)
}
