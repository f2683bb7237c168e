package imap

import "fmt"

// xoauth2 is the SASL mechanism of Google and Microsoft for bearer tokens.
type xoauth2 struct {
	username string
	token    string
}

// Start sends everything there is in the initial response.
func (x xoauth2) Start() (mechanism string, response []byte, err error) {
	return "XOAUTH2", fmt.Appendf(nil, "user=%s\x01auth=Bearer %s\x01\x01", x.username, x.token), nil
}

// Next gets a challenge only when the token was refused, with the reason in it.
func (x xoauth2) Next(challenge []byte) ([]byte, error) {
	return nil, tokenRefused(challenge)
}

// tokenRefused is the reason that a server gives in its challenge.
type tokenRefused []byte

func (t tokenRefused) Error() string {
	return fmt.Sprintf("the token was not accepted: %.300q", []byte(t))
}
