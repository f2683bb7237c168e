package definitions

import (
	"net/url"
	"slices"
)

// EventPrefix stands before the type of an event where a file or a webhook names it.
const EventPrefix = "deal."

// everyEvent subscribes to all of them.
const everyEvent = EventPrefix + "*"

// Wants reports whether the webhook is told of events of the type.
func (w *Webhook) Wants(kind string) bool {
	return slices.ContainsFunc(w.Events, func(e string) bool { return e == everyEvent || e == EventPrefix+kind })
}

func (b *companyBuilder) webhooks() []Webhook {
	var hooks []Webhook
	seen := map[string]bool{}
	for i, w := range b.file.Webhooks {
		at := index("webhooks", i)
		u, err := url.Parse(w.URL)
		switch {
		case w.URL == "":
		case err != nil || u.Host == "" || u.User != nil || (u.Scheme != "https" && u.Scheme != "http"):
			b.src.at(at+".url", CodeAddress, "%s is no address to post to: write it whole, with https, and without a password", quote(w.URL))
		case seen[w.URL]:
			b.src.at(at+".url", CodeDuplicateID, "there is a webhook to this address already: list all its events there")
		}
		seen[w.URL] = true
		if len(w.Events) == 0 && b.src.has(at+".events") {
			b.src.at(at+".events", CodeMissingKey, "the webhook is told of nothing: list events such as deal.won, or deal.* for all")
		}
		hooks = append(hooks, Webhook{URL: w.URL, Events: w.Events, Secret: b.secret(at, "secret", w.Secret, w.SecretFile)})
	}
	return hooks
}
