package lock

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestAddresses: what is wrong with an address is said before anything is started.
func TestAddresses(t *testing.T) {
	for _, x := range []struct{ backend, address, want string }{
		{"redis", "redis://localhost", ""},
		{"redis", "localhost:6379", ""},
		{"redis", "redis://u:p@[::1]:6379/3", ""},
		{"redis", "redis://:p%40%2C@h,redis://:p@i:7000?db=2, rediss://j?skip_verify=true", ""},
		{"redis", "redis+sentinel://h", "does not end with the name that Sentinel has for the primary"},
		{"redis", "redis+sentinel://:p@h,i:7/main?db=3&sentinel_password=q", ""},
		{"redis", "rediss+sentinel://h/main?skip_verify=true", ""},
		{"redis", "redis+sentinel://h/main?db=x", "db is not the number of a database"},
		{"redis", "redis+sentinel://h/main?sentinel_user=u", "a user and no password"},
		{"redis", "redis+sentinel://h/main?colour=red", "option that is not known; there are: db, sentinel_user"},
		{"redis", "http://h", "begins with none of redis://, rediss://"},
		{"redis", "redis://", "names no host"},
		{"redis", "redis://h:0", "port is not a number"},
		{"redis", "redis://h/x", "not the number of a database"},
		{"redis", "redis://h?colour=red", "option that is not known; there are: db"},
		{"redis", "redis://u:a/b@h", "where the password ends is not clear"},
		{"redis", "redis://u:1#x@h", "where the password ends is not clear"},
		{"redis", "redis://u:1,x@h", "where the password ends is not clear"},
		{"redis", "redis://u@h", "a user and no password"},
		{"redis", "redis://h?cacert=x", "are about TLS"},
		{"redis", "rediss://h?cacert=/nowhere/ca.pem", "cacert: "},
		{"redis", "rediss://h?cert=x", "cert and key go together"},
		{"redis", "redis://a b", "a host is none that there could be"},
		{"zookeeper", "a:2181,b,c:2182/shop", ""},
		{"zookeeper", "zookeeper://u:p@a,b/shop", ""},
		{"zookeeper", "zookeeper://u@a", "a login is a user and a password"},
		{"zookeeper", "redis://a", "begins with none of zookeeper://"},
		{"zookeeper", "a,,b", "names no host"},
		{"etcd", "https://u:p@a:2379,b", ""},
		{"etcd", "http://a,http://b", ""},
		{"etcd", "http://a/x", "nothing follows its hosts"},
		{"etcd", "http://u@a", "a login is a user and a password"},
		{"etcd", "etcd://a", "begins with none of http://, https://"},
	} {
		i := slices.IndexFunc(Backends(), func(b Backend) bool { return b.Name == x.backend })
		err := Backends()[i].Check(x.address)
		if x.want == "" && err != nil || x.want != "" && (err == nil || !strings.Contains(err.Error(), x.want)) {
			t.Errorf("%s %q: %v, want %q", x.backend, x.address, err, x.want)
		}
	}
}

// TestAddressesKeepSecrets: whatever a password is made of, an address that is written as it should be gives it back, and one that is not is
// refused without a piece of it, or read as it was meant.
func TestAddressesKeepSecrets(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		parts := []string{"Xk7sekA", "rEt9Yb", "qW3zzC"}
		password := parts[0] + rapid.StringMatching(`[@/:?#%,"' =&1]{0,3}`).Draw(t, "first") + parts[1] + rapid.StringMatching(`[@/:?#%,1]{0,2}`).Draw(t, "second") + parts[2]
		for _, x := range []struct{ backend, scheme, path string }{{"redis", "redis", ""}, {"redis", "redis+sentinel", "/x"}, {"zookeeper", "zookeeper", ""}, {"etcd", "https", ""}} {
			all := Backends()
			check := all[slices.IndexFunc(all, func(b Backend) bool { return b.Name == x.backend })].Check
			escaped := x.scheme + "://u:" + strings.ReplaceAll(url.QueryEscape(password), "+", "%20") + "@h" + x.path
			if err := check(escaped); err != nil {
				t.Fatalf("%s: %v", escaped, err)
			}
			if err := check(x.scheme + "://u:" + password + "@h" + x.path); err != nil {
				for _, p := range parts {
					if strings.Contains(err.Error(), p) {
						t.Fatalf("%q: %v", password, err)
					}
				}
			}
		}
	})
}
