package engine

import (
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
)

func TestLockIsHeldUntilReleased(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "folder")
	release, err := Lock(dir)
	if err != nil {
		t.Fatal(err)
	}
	// The collector closes a file that nobody holds on to.
	runtime.GC()
	runtime.GC()
	_, err = Lock(dir)
	if err == nil || !strings.Contains(err.Error(), "data folder "+dir+" is in use by process "+strconv.Itoa(os.Getpid())) {
		t.Errorf("a second lock: %v", err)
	}
	release()
	again, err := Lock(dir)
	if err != nil {
		t.Fatal(err)
	}
	again()
}
