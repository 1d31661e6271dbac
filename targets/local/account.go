package local

import (
	"fmt"
	"os"
	"os/user"
	"strconv"
)

// account is whom servers run as where we are root: PostgreSQL refuses root, and the others need not be it.
type account struct {
	name     string
	uid, gid int
}

// accountFor is the first of the engine's own account and nobody that this machine has, or nil where we are not root.
func accountFor(e engine) (*account, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	var err error
	for _, name := range []string{e.account, "nobody"} {
		var u *user.User
		if u, err = user.Lookup(name); err != nil {
			continue
		}
		uid, errUID := strconv.Atoi(u.Uid)
		gid, errGID := strconv.Atoi(u.Gid)
		if errUID != nil || errGID != nil {
			return nil, fmt.Errorf("account %s: ids %s and %s are not numbers", name, u.Uid, u.Gid)
		}
		return &account{name: name, uid: uid, gid: gid}, nil
	}
	return nil, fmt.Errorf("find an account to run as instead of root: %w", err)
}
