package definitions

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
)

// JSON is the Spec in its canonical form: keys in the order of the types, maps
// sorted, what is not said left out. The same content is always the same text.
func (s *Spec) JSON() ([]byte, error) {
	data, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("process %q: write as JSON: %w", s.Process, err)
	}
	return data, nil
}

// Hash names the version: SHA-256 of the Spec's JSON, in hex.
func (s *Spec) Hash() (string, error) {
	data, err := s.JSON()
	if err != nil {
		return "", err
	}
	return hashOf(data), nil
}

func hashOf(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// ParseSpec reads a Spec from the JSON of a stored version. A key it does not
// know is an error: the version was written by a newer program, and ignoring a
// rule of it would change how its deals go.
func ParseSpec(data []byte) (*Spec, error) {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	s := &Spec{}
	if err := decoder.Decode(s); err != nil {
		return nil, fmt.Errorf("read a stored process version: %w", err)
	}
	return s, nil
}
