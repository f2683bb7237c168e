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
	if pid, err := Holder(dir); pid != os.Getpid() || err != nil {
		t.Errorf("Holder: %d, %v; want this process", pid, err)
	}
	release()
	if pid, err := Holder(dir); pid != 0 || err != nil {
		t.Errorf("Holder after release: %d, %v; want none", pid, err)
	}
	again, err := Lock(dir)
	if err != nil {
		t.Fatal(err)
	}
	again()
}
