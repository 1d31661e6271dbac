package spool

import "os"

// Folder is where large temporary files belong: TMPDIR, or /var/tmp, which lies on a disk where /tmp may lie in memory.
func Folder() string {
	const large = "/var/tmp"
	if os.Getenv("TMPDIR") == "" {
		if info, err := os.Stat(large); err == nil && info.IsDir() {
			return large
		}
	}
	return os.TempDir()
}
