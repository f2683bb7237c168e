package simulate

import (
	"math"

	"github.com/dealwright/dealwright/definitions"
)

// Medians of what no settings are given for.
const (
	usualMoney  = 100_000
	usualNumber = 5
	usualSpread = 0.6
)

// value draws what a field is filled with.
func (w *world) value(d *subject, f *fieldModel) any {
	switch f.field.Type {
	case definitions.TypeMoney:
		return w.number(d, f, usualMoney)
	case definitions.TypeNumber:
		return w.number(d, f, usualNumber)
	case definitions.TypeChoice:
		return w.option(d, f)
	case definitions.TypeBool:
		return d.chance.hits(percent(f.values.True, 50))
	case definitions.TypeDate:
		return w.until(d)
	case definitions.TypeEmail:
		return d.state.Contact.Email
	case definitions.TypePhone:
		return "+442079460000" // a number reserved for stories
	}
	return w.cast.Text(int(d.number), f.field.ID)
}

// number draws a number of two significant digits, as people name them.
func (w *world) number(d *subject, f *fieldModel, median float64) float64 {
	v := f.values
	if v.From != nil && v.To != nil {
		return float64(*v.From + d.chance.below(*v.To-*v.From+1))
	}
	n := d.chance.around(or(v.Median, median), or(v.Spread, usualSpread))
	if n < 10 {
		return math.Round(n)
	}
	unit := math.Pow(10, math.Floor(math.Log10(n))-1)
	return math.Round(n/unit) * unit
}

// option draws an option by the weights of the settings; without any, all are
// as likely.
func (w *world) option(d *subject, f *fieldModel) any {
	options := f.field.Options
	if len(options) == 0 {
		return nil
	}
	if f.sum == 0 {
		return options[d.chance.below(len(options))]
	}
	at := d.chance.unit() * f.sum
	for _, o := range options {
		if at -= f.values.Options[o]; at < 0 {
			return o
		}
	}
	return options[len(options)-1]
}
