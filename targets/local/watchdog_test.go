//go:build unix

package local_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lastseat/lastseat/targets/local"
)

// starterEnv makes the test binary a process that starts the server program it names, tells about it and waits to be killed.
const starterEnv = "LASTSEAT_TEST_STARTER"

// TestNothingIsLeftWhenKilled kills the process that started a server, both once it runs and while it is being set up.
func TestNothingIsLeftWhenKilled(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	eachBinary(t, func(t *testing.T, b local.Binary) {
		t.Parallel()
		for _, moment := range []string{"running", "half-way"} {
			t.Run(moment, func(t *testing.T) {
				tmp := openFolder(t)
				cmd := exec.Command(self)
				cmd.Env = append(os.Environ(), starterEnv+"="+b.Program.Name+"="+b.Path, "TMPDIR="+tmp)
				out, err := cmd.StdoutPipe()
				if err != nil {
					t.Fatal(err)
				}
				if err := cmd.Start(); err != nil {
					t.Fatal(err)
				}
				defer func() { _ = cmd.Process.Kill() }()
				if moment == "running" {
					if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || line != "started\n" {
						t.Errorf("the starter says %q, %v", line, err)
					}
					if processes := naming(tmp); len(processes) < 2 {
						t.Errorf("no server and watchdog before the kill: %v", processes)
					}
				} else { // between two set-up programs there may be none the next moment
					within(t, patience, func() bool { return len(naming(tmp)) > 1 && holdsData(tmp) })
				}
				if err := cmd.Process.Kill(); err != nil {
					t.Error(err)
				}
				_ = cmd.Wait() // killed
				began := time.Now()
				within(t, patience, func() bool {
					folders, err := os.ReadDir(tmp)
					return err == nil && len(folders) == 0 && len(naming(tmp)) == 0
				})
				t.Logf("all gone after %v", time.Since(began).Round(time.Millisecond))
			})
		}
	})
}

func starter(which string) {
	ctx := context.Background()
	name, path, _ := strings.Cut(which, "=")
	b, err := local.Inspect(ctx, programOf(name), path)
	if err == nil {
		_, err = local.Start(ctx, b, local.Options{})
	}
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println("started")
	select {}
}

// naming lists the processes whose command line names dir: servers, set-up programs and watchdogs.
func naming(dir string) []string {
	var found []string
	files, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, f := range files {
		if content, err := os.ReadFile(f); err == nil && strings.Contains(string(content), dir) {
			found = append(found, f)
		}
	}
	return found
}

func holdsData(tmp string) bool {
	files, _ := filepath.Glob(filepath.Join(tmp, "*", "data", "*"))
	// Redis, ZooKeeper and etcd begin with an empty one.
	empty, _ := filepath.Glob(filepath.Join(tmp, "lastseat-[erz]*", "data"))
	return len(files) > 3 || len(empty) > 0
}

// patience is as long as a busy machine may take.
const patience = 2 * time.Minute

func within(t *testing.T, d time.Duration, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(d); !done(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within %v", d)
		}
	}
}
