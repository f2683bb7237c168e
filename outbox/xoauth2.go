package outbox

import (
	"errors"
	"fmt"
)

// xoauth2 is the SASL mechanism of Google and Microsoft for bearer tokens.
type xoauth2 struct {
	username string
	token    string
}

// Start sends everything there is in the initial response.
func (x xoauth2) Start() (mechanism string, response []byte, err error) {
	return "XOAUTH2", fmt.Appendf(nil, "user=%s\x01auth=Bearer %s\x01\x01", x.username, x.token), nil
}

// Next answers the challenge that carries a refusal with the empty response that the server waits for before it ends the exchange.
func (x xoauth2) Next(challenge []byte) ([]byte, error) {
	if len(challenge) == 0 {
		return nil, errors.New("the server asked for an XOAUTH2 response twice")
	}
	return []byte{}, nil
}
