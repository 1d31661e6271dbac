package local

import (
	"errors"
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
func accountFor(p *Program) (*account, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	var err error
	for _, name := range []string{p.Account, "nobody"} {
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

// own makes it the owner of a file or folder, which its name must lead to without a link.
func (a *account) own(path string) error {
	if a == nil {
		return nil
	}
	return os.Lchown(path, a.uid, a.gid)
}

// write makes a file that the account alone can read. One that is there is replaced, and no link followed: the account may have put
// it there.
func (a *account) write(path, content string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(content)
	if a != nil {
		err = errors.Join(err, f.Chown(a.uid, a.gid))
	}
	return errors.Join(err, f.Close())
}
