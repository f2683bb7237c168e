package engine

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
)

const lockFile = "lock"

// held keeps the locked files reachable: the garbage collector closes a file that nobody has, and that unlocks it.
var held sync.Map

// Lock takes the data folder for this process, creating it when needed, until release is called or the process
// ends in whatever way. A folder that is taken is an error that names the process which has it.
func Lock(dir string) (release func(), err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("create data folder %s: %w", dir, err)
	}
	file, err := os.OpenFile(filepath.Join(dir, lockFile), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock data folder %s: %w", dir, err)
	}
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		defer file.Close()
		return nil, fmt.Errorf("data folder %s is in use by %s: stop it, or name another folder with --data", dir, holder(file))
	}
	if err == nil {
		err = errors.Join(file.Truncate(0), writePID(file))
	}
	if err != nil {
		file.Close()
		return nil, fmt.Errorf("lock data folder %s: %w", dir, err)
	}
	held.Store(file, nil)
	// The file stays: removing it would let a second process lock a new file beside one that is still held.
	return func() {
		held.Delete(file)
		file.Close()
	}, nil
}

func writePID(file *os.File) error {
	_, err := file.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	return err
}

// Holder is the id of the process that holds the data folder; 0: none does.
func Holder(dir string) (pid int, err error) {
	file, err := os.Open(filepath.Join(dir, lockFile))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("data folder %s: %w", dir, err)
	}
	defer file.Close()
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_SH|syscall.LOCK_NB)
	if err == nil {
		return 0, nil // whoever held it is gone
	}
	if !errors.Is(err, syscall.EWOULDBLOCK) {
		return 0, fmt.Errorf("data folder %s: look at its lock: %w", dir, err)
	}
	content, err := io.ReadAll(file)
	if err != nil {
		return 0, fmt.Errorf("data folder %s: read its lock: %w", dir, err)
	}
	if pid, err = strconv.Atoi(strings.TrimSpace(string(content))); err != nil {
		return 0, fmt.Errorf("data folder %s: its lock names no process: %w", dir, err)
	}
	return pid, nil
}

// holder names the process that wrote its id into the lock file.
func holder(file *os.File) string {
	content, err := io.ReadAll(file)
	pid := strings.TrimSpace(string(content))
	if err != nil || pid == "" {
		return "another process"
	}
	return "process " + pid
}
