package lock

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// address is where servers of the user's own are: scheme://user:password@host:port,host:port/path?option=value.
type address struct {
	scheme         string // empty: none was written
	user, password string
	hosts          []string // host:port
	path           string   // from its slash on
	options        url.Values
}

// addressForm is what parseAddress is told of a kind of servers.
type addressForm struct {
	schemes []string
	options []string
	port    string // where none is written
	like    string // an example
}

var errEndOfPassword = errors.New("where the password ends is not clear: in user and password write @ as %40, / as %2F, ? as %3F, # as %23 and a comma as %2C")

// parseAddress reads an address. No error repeats a piece of it: it may be one of the password.
func (f *addressForm) parse(text string) (a address, err error) {
	wrong := func(what string) error { return fmt.Errorf("%s; write %s", what, f.like) }
	rest := text
	if scheme, after, ok := strings.Cut(text, "://"); ok {
		a.scheme, rest = strings.ToLower(scheme), after
		if !slices.Contains(f.schemes, a.scheme) {
			return address{}, wrong("it begins with none of " + strings.Join(f.schemes, "://, ") + "://")
		}
	}
	authority, query, _ := strings.Cut(rest, "?")
	if i := strings.IndexByte(authority, '/'); i >= 0 {
		authority, a.path = authority[:i], authority[i:]
	}
	if strings.ContainsAny(a.path+query, "@#") || strings.Contains(authority, "#") {
		return address{}, errEndOfPassword
	}
	if i := strings.LastIndexByte(authority, '@'); i >= 0 {
		user, password, _ := strings.Cut(authority[:i], ":")
		authority = authority[i+1:]
		var err2 error
		a.user, err = url.PathUnescape(user)
		a.password, err2 = url.PathUnescape(password)
		if err != nil || err2 != nil || strings.Contains(user+password, ",") {
			return address{}, errEndOfPassword
		}
	}
	for host := range strings.SplitSeq(authority, ",") {
		if host, err = f.host(host); err != nil {
			return address{}, wrong(err.Error())
		}
		a.hosts = append(a.hosts, host)
	}
	if a.options, err = url.ParseQuery(query); err != nil {
		return address{}, wrong("its options cannot be read")
	}
	for name := range a.options {
		if !slices.Contains(f.options, name) {
			return address{}, wrong("it has an option that is not known; there are: " + strings.Join(f.options, ", "))
		}
	}
	return a, nil
}

// host is a host with its port.
func (f *addressForm) host(text string) (string, error) {
	host, port, err := net.SplitHostPort(text)
	if err != nil {
		host, port = strings.TrimSuffix(strings.TrimPrefix(text, "["), "]"), f.port
	}
	n, notNumber := strconv.Atoi(port)
	switch {
	case host == "":
		return "", errors.New("it names no host")
	case notNumber != nil || n < 1 || n > 65535:
		return "", errors.New("a port is not a number from 1 to 65535")
	case strings.ContainsFunc(host, func(r rune) bool { return r <= ' ' || r == 0x7f || strings.ContainsRune(`"'\<>^{|}`, r) }) ||
		strings.Contains(host, ":") && net.ParseIP(strings.SplitN(host, "%", 2)[0]) == nil:
		return "", errors.New("a host is none that there could be")
	}
	return net.JoinHostPort(host, port), nil
}
