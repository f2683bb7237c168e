package definitions

import "reflect"

// Patterns of what the decoder reads out of text.
const (
	durationPattern = `^\s*(0|[1-9][0-9]*)(s|m|h|d|w|\s+business\s+(minute|hour|day)s?)\s*$`
	datePattern     = `[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])`
	spanPattern     = `\s*[0-9]{1,2}:[0-5][0-9]\s*-\s*[0-9]{1,2}:[0-5][0-9]\s*`
	dayPattern      = `\s*([Ss]un|[Mm]on|[Tt]ue|[Ww]ed|[Tt]hu|[Ff]ri|[Ss]at)\s*`
	percentPattern  = `^\s*(100(\.0+)?|[1-9]?[0-9](\.[0-9]+)?)\s*%\s*$`
	secretPattern   = `^\$\{[A-Za-z_][A-Za-z0-9_]*\}$`
)

func textSchema() *Schema { return &Schema{Type: "string"} }

func durationSchema() *Schema {
	return &Schema{
		Description: "A length of time: 30m, 4h, 2d or 1w on the wall clock; 15 business minutes, 4 business hours or 3 business days on the company's calendar.",
		Type:        "string", Pattern: durationPattern, Examples: []string{"30m", "2d", "4 business hours", "3 business days"},
	}
}

// expressionSchema takes what is written without quotes, such as true, as well.
func expressionSchema() *Schema {
	return &Schema{
		Description: "A CEL expression over deal.<field>, deal.amount, deal.returning, contact.*, qualification.score and stage.id; over mail.* in capture rules.",
		Type:        []string{"string", "boolean", "number"},
	}
}

func percentSchema() *Schema {
	return &Schema{AnyOf: []*Schema{
		{Type: "string", Pattern: percentPattern, Examples: []string{"20%"}},
		{Type: "number", Const: 0.0},
		{Type: "number", Minimum: new(1.0), Maximum: new(100.0)},
	}}
}

func datesSchema() *Schema {
	return &Schema{
		Description: "A date, or a range of dates with both its ends.",
		Type:        "string", Pattern: `^\s*` + datePattern + `\s*(\.\.\s*` + datePattern + `\s*)?$`, Examples: []string{"2026-05-01", "2026-01-01..2026-01-08"},
	}
}

func spansSchema() *Schema {
	return &Schema{
		Description: "The opening hours of a day.",
		Type:        "string", Pattern: `^` + spanPattern + `(,` + spanPattern + `)*$`, Examples: []string{"09:00-18:00", "09:00-13:00, 14:00-18:00"},
	}
}

func quietSchema() *Schema {
	return &Schema{
		Description: "Hours of every day, which may run past midnight.",
		Type:        "string", Pattern: `^` + spanPattern + `$`, Examples: []string{"21:00-09:00"},
	}
}

func hoursSchema() *Schema {
	run := dayPattern + `(-` + dayPattern + `)?`
	return &Schema{Type: "object", Names: &Schema{Pattern: `^` + run + `(,` + run + `)*$`, Examples: []string{"mon-fri", "sat"}}, Additional: spansSchema()}
}

func momentSchema() *Schema {
	return &Schema{
		Description: "A day, or a moment, in the company's zone.",
		Type:        "string", Pattern: `^` + datePattern + `(T[0-9]{2}:[0-9]{2}.*)?$`, Examples: []string{"2026-12-31", "2026-12-31T09:00"},
	}
}

func secretSchema() *Schema {
	return &Schema{
		Description: "A reference to an environment variable. A secret itself does not belong in a file.",
		Type:        "string", Pattern: secretPattern, Examples: []string{"${SALES_PASSWORD}"},
	}
}

// named is a mapping from ids to structures.
func (d *Describer) named(item reflect.Type) *Schema {
	return &Schema{Type: "object", Additional: d.Of(item)}
}

func (d *Describer) timeout() *Schema {
	long := d.Structure(reflect.TypeFor[Timeout]())
	long.Description, long.Required = "", []string{"after"}
	return &Schema{AnyOf: []*Schema{{Const: "none"}, durationSchema(), long}}
}

func (d *Describer) ladder() *Schema {
	return &Schema{AnyOf: []*Schema{
		{Type: "string", Description: "The name of a ladder under escalations."},
		{Type: "array", Items: d.Of(reflect.TypeFor[Level]())},
	}}
}

func (d *Describer) member() *Schema {
	return &Schema{AnyOf: []*Schema{
		{Type: "string", Description: "The person's address."},
		d.Structure(reflect.TypeFor[memberFile]()),
	}}
}
