// Package report works out what the sales have come to: how deals go through
// the stages, what people have done, what the open deals are worth. The API
// and the dashboard show what is worked out here, so that both say the same.
//
// What a report is for comes from the five articles that the product was made
// after, as docs/dashboard.md tells; each rule and formula is told beside its
// function.
package report
