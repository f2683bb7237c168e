// Package browser looks at the dashboard as people do: in Chromium, at the
// built binary, on companies with months of history.
//
// Its harness starts one Chromium for all tests (NewTab) and keeps what each tab
// does wrong: a script that fails, a request that leaves the server, a breach of
// the pages' policy, a dialog that nobody wants. axe-core from npm judges what a
// screen reader would be told (Violations). All of that stands behind the build
// tag "system"; "make test" installs what it needs, and what is missing is a
// failure.
package browser
