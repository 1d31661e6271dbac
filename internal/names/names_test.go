package names

import (
	"slices"
	"strings"
	"testing"
)

// TestNearest: a name is suggested where a few letters are wrong, and never where it is another word.
func TestNearest(t *testing.T) {
	names := []string{"memory", "sqlite", "postgres", "mysql", "mariadb"}
	for got, want := range map[string]string{
		"postgre": "postgres", "postgersql": "postgres", "mysq": "mysql", "myslq": "mysql", "maria": "mariadb",
		"oracle": "", "mongodb": "", "redis": "", "": "", "x": "", "database": "",
	} {
		if near := Nearest(got, names); near != want {
			t.Errorf("nearest to %q is %q, want %q", got, near, want)
		}
	}
}

// TestPick: names are picked in the order in which they are known, and one that is not known is an error that names the nearest.
func TestPick(t *testing.T) {
	known := []string{"seats", "transfer", "joint"}
	for _, c := range []struct{ named, want []string }{
		{[]string{"joint", "seats", "joint"}, []string{"seats", "joint"}},
		{[]string{"seats", All}, known},
	} {
		if got, err := Pick("workload", c.named, known); err != nil || !slices.Equal(got, c.want) {
			t.Errorf("of %q %q are picked, want %q: %v", c.named, got, c.want, err)
		}
	}
	for want, named := range map[string][]string{
		`unknown workload "seat"; did you mean seats? There are: seats, transfer, joint, or all`: {"seat"},
		"no workload is named; there are: seats, transfer, joint, or all":                        nil,
	} {
		if _, err := Pick("workload", named, known); err == nil || err.Error() != want {
			t.Errorf("%q: %v, want %s", named, err, want)
		}
	}
}

// TestUnknownPassword: what may be a piece of a DSN is not repeated.
func TestUnknownPassword(t *testing.T) {
	for _, typed := range []string{"postgres://me:secret@host/", "secret=x", "user:secret@tcp(host)/"} {
		if err := Unknown("target", typed, []string{"postgres"}); strings.Contains(err.Error(), "secret") {
			t.Error(err)
		}
	}
	if err := Unknown("target", "oracle", []string{"postgres"}); !strings.Contains(err.Error(), `"oracle"`) {
		t.Error(err)
	}
}
