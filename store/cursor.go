package store

import (
	"encoding/base64"
	"encoding/json"
	"strconv"
)

var badCursor = &BadQuery{"cursor", "it is not one that a list of this kind gave out; begin without a cursor"}

// encodeCursor makes the opaque text that a next page is asked for with.
func encodeCursor(parts ...string) string {
	text, err := json.Marshal(parts)
	if err != nil {
		panic(err) // strings always marshal
	}
	return base64.RawURLEncoding.EncodeToString(text)
}

func decodeCursor(cursor string, want int) ([]string, error) {
	text, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		return nil, badCursor
	}
	var parts []string
	if json.Unmarshal(text, &parts) != nil || len(parts) != want {
		return nil, badCursor
	}
	return parts, nil
}

// decodeNumber reads a cursor that is one number; without a cursor it is none.
func decodeNumber(cursor, kind string, none int64) (int64, error) {
	if cursor == "" {
		return none, nil
	}
	parts, err := decodeCursor(cursor, 2)
	if err != nil {
		return 0, err
	}
	n, err := strconv.ParseInt(parts[1], 10, 64)
	if err != nil || parts[0] != kind {
		return 0, badCursor
	}
	return n, nil
}

func integer(n int64) string { return strconv.FormatInt(n, 10) }
