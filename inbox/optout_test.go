package inbox

import (
	"testing"

	"github.com/dealwright/dealwright/optout"
)

func TestOptOut(t *testing.T) {
	secret := []byte("secret")
	const letter = "0mkd8s1abcdefghjkmnp"
	token := optout.Token(secret, letter)
	for _, c := range []struct {
		name        string
		headers     string
		text        string
		rule        string
		unsubscribe bool
		letter      string
	}{
		{"by the mail that we ask for", "From: ann@client.test\nSubject: unsubscribe " + token, "", "unsubscribe", true, letter},
		{"sent by a machine", "From: ann@client.test\nAuto-Submitted: auto-generated\nSubject: unsubscribe " + token, "", "unsubscribe", true, letter},
		{"from another address of theirs", "From: other@elsewhere.test\nSubject: Fwd: unsubscribe " + token, "", "unsubscribe", true, letter},
		{"with a forged token", "From: new@elsewhere.test\nSubject: unsubscribe " + letter + ".aaaaaaaaaaaaaaaa", "", "lead", false, ""},
		{"in words, as an answer", "From: ann@client.test\nIn-Reply-To: <ack@crm.test>", "Отпишите меня, пожалуйста.", "reply.thread", true, ""},
		{"in words, above a quote", "From: ann@client.test\nIn-Reply-To: <ack@crm.test>", "Unsubscribe\n\n> Hello\n> Ann", "reply.thread", true, ""},
		{"in the subject alone", "From: ann@client.test\nSubject: отписаться", "", "reply.known_sender", true, ""},
		{"an answer that mentions it", "From: ann@client.test\nIn-Reply-To: <ack@crm.test>", "How do I unsubscribe my father from your calls?", "reply.thread", false, ""},
		{"a subject that says it and a text that does not", "From: ann@client.test\nSubject: Unsubscribe", "We want the windows after all.", "reply.known_sender", false, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg := Config{Own: []string{"sales@crm.test"}, Secret: secret, Now: noon}
			v := classified(t, mailOf(t, c.headers, c.text), cfg, oneDeal("open", noon))
			if v.Rule != c.rule || v.Unsubscribe != c.unsubscribe || v.OptOut != c.letter {
				t.Errorf("by %s, unsubscribe %v, letter %q; want by %s, %v, %q", v.Rule, v.Unsubscribe, v.OptOut, c.rule, c.unsubscribe, c.letter)
			}
		})
	}
}

// An answer to a letter of another server in our name is said, because that
// server reads our mailbox too.
func TestSecondServerIsSaid(t *testing.T) {
	cfg := Config{Own: []string{"Sales <sales@crm.test>"}, Secret: []byte("secret"), Now: noon}
	for _, c := range []struct {
		name, id string
		said     bool
	}{
		{"our own letter", "<1." + Token(cfg.Secret, "d1") + "@crm.test>", false},
		{"another server's letter in our name", "<1." + Token([]byte("other"), "d1") + "@crm.test>", true},
		{"another company's letter", "<1." + Token([]byte("other"), "d1") + "@elsewhere.test>", false},
		{"any letter", "<1@crm.test>", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := classified(t, mailOf(t, "From: ann@client.test\nIn-Reply-To: "+c.id, "Hello"), cfg, oneDeal("open", noon))
			if v.SecondServer != c.said {
				t.Errorf("another server is noticed: %v, want %v", v.SecondServer, c.said)
			}
		})
	}
}
