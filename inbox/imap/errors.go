package imap

import (
	"errors"
	"fmt"

	goimap "github.com/emersion/go-imap/v2"
)

// ConnectError says that the server could not be reached, or that the connection could not be secured.
type ConnectError struct {
	Mailbox string
	Err     error
}

func (e *ConnectError) Error() string {
	return fmt.Sprintf("mailbox %s: cannot connect: %v", e.Mailbox, e.Err)
}

func (e *ConnectError) Unwrap() error { return e.Err }

// LoginError says that the server refused the login; trying again is of use only after someone has mended it.
type LoginError struct {
	Mailbox string
	Err     error
}

func (e *LoginError) Error() string {
	return fmt.Sprintf("mailbox %s: login refused: %v", e.Mailbox, e.Err)
}

func (e *LoginError) Unwrap() error { return e.Err }

// FolderError says that the server does not open the folder.
type FolderError struct {
	Mailbox string
	Folder  string
	Err     error
}

func (e *FolderError) Error() string {
	return fmt.Sprintf("mailbox %s: cannot open folder %q: %v", e.Mailbox, e.Folder, e.Err)
}

func (e *FolderError) Unwrap() error { return e.Err }

// refusal finds the server's NO or BAD in an error; any other error means that the connection is of no more use.
func refusal(err error) (*goimap.Error, bool) {
	var answer *goimap.Error
	ok := errors.As(err, &answer)
	return answer, ok
}

// isPassing tells a login that was put off from one that was refused.
func isPassing(answer *goimap.Error) bool {
	switch answer.Code {
	case goimap.ResponseCodeUnavailable, goimap.ResponseCodeInUse, goimap.ResponseCodeLimit, goimap.ResponseCodeServerBug:
		return true
	}
	return answer.Type == goimap.StatusResponseTypeBye
}
