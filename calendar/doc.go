// Package calendar counts time as a company does: in opening hours, holidays and business days as well as on the wall clock.
//
// A [Calendar] is built once from a [Spec] and a time zone and is then immutable, so any number of goroutines may share it.
// A [Duration] is a length of time as it is written in a process file, such as "2d" or "3 business days".
// The package reads no clock and does no I/O: the same arguments always give the same answer.
//
// # The rules
//
//   - Seconds, minutes and hours are exact lengths.
//   - A day is a calendar day in the company's zone and a week is seven of them: the result has the same time of day, whatever the
//     clocks did in between.
//   - Business minutes and hours pass only while the company is open; breaks do not count. Counted from a closed hour they count
//     from the next opening. A sum that is used up exactly at closing time ends then, not at the next opening.
//   - A business day ends at the same time of day on the target day. A time before the opening of the target day becomes that
//     opening, one past closing becomes the closing, and one in a break becomes the end of the break. Counted from a closed hour a
//     business day counts from the next opening.
//   - A time of day that the clocks skip means the moment they skipped it; one that they repeat means its first occurrence.
package calendar
