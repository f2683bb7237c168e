package server

import (
	"bufio"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/dealwright/dealwright/definitions"
)

// Token lets its holder use the API. The token itself is nowhere kept.
type Token struct {
	Hash [sha256.Size]byte // SHA-256 of the token
	Holder
}

// NewToken makes a token for a holder: what to give them, and what to keep.
func NewToken(h Holder) (text string, t Token, err error) {
	if err := h.check(); err != nil {
		return "", Token{}, err
	}
	text = "dw_" + rand.Text()
	return text, Token{sha256.Sum256([]byte(text)), h}, nil
}

// check says what a holder lacks.
func (h Holder) check() error {
	if !slices.Contains(roles, h.Role) {
		return fmt.Errorf("there is no role %q: use one of %s", h.Role, strings.Join(roles, ", "))
	}
	if h.Name == "" || strings.ContainsFunc(h.Name, func(r rune) bool { return r <= ' ' || r == 0x7f }) {
		return fmt.Errorf("name the holder in one word: changes are recorded under it")
	}
	if _, err := definitions.CheckEmail(h.Name); err != nil && h.Role == RoleRep {
		return fmt.Errorf("the name of a rep is their address, by which their deals are known, and %q is none", h.Name)
	}
	if h.Role == RoleForm && len(h.Companies) == 0 {
		return fmt.Errorf("name the company of a form's token: whoever sees the form can read it")
	}
	return nil
}

// Line is a token as a file of tokens has it.
func (t Token) Line() string {
	return strings.TrimSpace(strings.Join([]string{hex.EncodeToString(t.Hash[:]), t.Role, t.Name, strings.Join(t.Companies, ",")}, " "))
}

// LoadTokens reads a file of tokens. Each line has the SHA-256 of a token in
// hex, its role, its holder's name and, where it is bound to some, the
// companies with commas between; empty lines and those that begin with # do not
// count.
func LoadTokens(path string) ([]Token, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read the tokens: %w", err)
	}
	defer file.Close()
	var tokens []Token
	scanner := bufio.NewScanner(file)
	for n := 1; scanner.Scan(); n++ {
		line := strings.TrimSpace(scanner.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		token, err := parseToken(line)
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", path, n, err)
		}
		tokens = append(tokens, token)
	}
	if err := scanner.Err(); err != nil {
		return nil, fmt.Errorf("read the tokens: %s: %w", path, err)
	}
	if len(tokens) == 0 {
		return nil, fmt.Errorf("%s: there is no token in it: add a line of the token's SHA-256, a role and a name", path)
	}
	return tokens, nil
}

func parseToken(line string) (Token, error) {
	words := strings.Fields(line)
	if len(words) != 3 && len(words) != 4 {
		return Token{}, fmt.Errorf("a line has three words, or four: the SHA-256 of a token, a role, a name and the companies it is bound to")
	}
	t := Token{Holder: Holder{Role: words[1], Name: words[2]}}
	if len(words) == 4 {
		t.Companies = strings.Split(words[3], ",")
	}
	if n, err := hex.Decode(t.Hash[:], []byte(clip(words[0], 2*sha256.Size))); err != nil || n != sha256.Size || len(words[0]) != 2*sha256.Size {
		return Token{}, fmt.Errorf("the first word is not the SHA-256 of a token: it has 64 hexadecimal digits")
	}
	return t, t.check()
}
