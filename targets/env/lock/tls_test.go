package lock

// TLS with servers of the user's: it succeeds with the right certificates, and what is wrong with others is said.

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/targets/local"
)

// authority is a CA whose files servers of another account may read.
type authority struct {
	t           *testing.T
	dir         string
	key         *ecdsa.PrivateKey
	certificate *x509.Certificate
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	dir, err := os.MkdirTemp("", "lastseat-tls-")
	if err == nil {
		err = os.Chmod(dir, 0o755) //nolint:gosec // for the server's account; the keys are of this test alone
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	a := &authority{t: t, dir: dir}
	a.certificate, a.key = a.issue("ca", &x509.Certificate{IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign})
	return a
}

// issue signs a certificate, and writes it and its key as NAME.pem and NAME.key. The first signs itself.
func (a *authority) issue(name string, template *x509.Certificate) (*x509.Certificate, *ecdsa.PrivateKey) {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.t.Fatal(err)
	}
	template.SerialNumber, template.Subject = big.NewInt(time.Now().UnixNano()), pkix.Name{CommonName: "lastseat test " + name}
	template.NotBefore, template.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(24*time.Hour)
	parent, signer := a.certificate, a.key
	if parent == nil {
		parent, signer = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer)
	if err != nil {
		a.t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		a.t.Fatal(err)
	}
	for file, block := range map[string]*pem.Block{".pem": {Type: "CERTIFICATE", Bytes: der}, ".key": {Type: "PRIVATE KEY", Bytes: secret}} {
		if err := os.WriteFile(a.file(name+file), pem.EncodeToMemory(block), 0o644); err != nil { //nolint:gosec // as above
			a.t.Fatal(err)
		}
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		a.t.Fatal(err)
	}
	return certificate, key
}

func (a *authority) file(name string) string { return filepath.Join(a.dir, name) }

// servers issues server.pem, for 127.0.0.1.
func (a *authority) servers() {
	a.issue("server", &x509.Certificate{
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	})
}

// clients issues client.pem.
func (a *authority) clients() {
	a.issue("client", &x509.Certificate{KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
}

// theirTLSRedis is the user's Redis at a port with TLS.
func theirTLSRedis(t *testing.T, a *authority, clients string) (s *local.Server, at string) {
	t.Helper()
	ports, err := local.FreePorts(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	s, _, _ = theirRedis(t, "--tls-port", strconv.Itoa(ports[0]), "--tls-cert-file", a.file("server.pem"), "--tls-key-file", a.file("server.key"),
		"--tls-ca-cert-file", a.file("ca.pem"), "--tls-auth-clients", clients)
	return s, net.JoinHostPort("127.0.0.1", strconv.Itoa(ports[0]))
}

// TestTLSWithYourRedis: rediss:// reaches a Redis that speaks TLS.
func TestTLSWithYourRedis(t *testing.T) {
	a, other := newAuthority(t), newAuthority(t)
	a.servers()
	a.clients()
	s, at := theirTLSRedis(t, a, "no")
	strict, strictAt := theirTLSRedis(t, a, "yes")
	login, strictLogin := ":"+s.Password()+"@", ":"+strict.Password()+"@"
	trust, own := "?cacert="+a.file("ca.pem"), "&cert="+a.file("client.pem")+"&key="+a.file("client.key")
	for _, address := range []string{"rediss://" + login + at + trust, "rediss://" + login + at + "?skip_verify=true", "rediss://" + strictLogin + strictAt + trust + own} {
		count := 0
		counts(t, clientsWith(t, "redis", 4, store.Traits{}, counter(&count), map[string]string{"redis": address}), &count)
	}
	_, port, _ := net.SplitHostPort(at)
	for name, x := range map[string]struct{ address, want string }{
		"the system's certificates": {"rediss://" + login + at, "no TLS with Redis at " + at + ": x509: certificate signed by unknown authority; correct its certificates"},
		"another CA":                {"rediss://" + login + at + "?cacert=" + other.file("ca.pem"), "no TLS with Redis at " + at + ": x509: certificate signed by unknown authority"},
		"another host":              {"rediss://" + login + "localhost:" + port + trust, "no TLS with Redis at localhost:" + port + ": "},
		"no certificate":            {"rediss://" + strictLogin + strictAt + trust, "no TLS with Redis at " + strictAt},
		"no TLS":                    {"redis://" + login + at, "does not answer as Redis does"},
	} {
		all, err := connectRedis(t.Context(), x.address, 1, 4)
		for _, s := range all {
			if err := s.close(); err != nil {
				t.Error(err)
			}
		}
		refused(t, name, err, x.want, s.Password())
	}
}

// refused fails unless err is a sentence with what is wanted, and without the password.
func refused(t *testing.T, name string, err error, want, password string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), password) || strings.Contains(err.Error(), "\n") {
		t.Errorf("%s: %v, want %q", name, err, want)
	}
}

// tlsBefore ends TLS before a server that has none, as a ZooKeeper without Netty's jars is.
func tlsBefore(t *testing.T, a *authority, server string) string {
	t.Helper()
	pair, err := tls.LoadX509KeyPair(a.file("server.pem"), a.file("server.key"))
	if err != nil {
		t.Fatal(err)
	}
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{pair}})
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	pass := func(to io.WriteCloser, from io.ReadCloser) {
		_, _ = io.Copy(to, from) // until either end is gone
		_, _ = to.Close(), from.Close()
	}
	all.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			all.Go(func() {
				inner, err := (&net.Dialer{}).DialContext(context.Background(), "tcp", server)
				if err != nil {
					_ = conn.Close()
					return
				}
				all.Go(func() { pass(inner, conn) })
				pass(conn, inner)
			})
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		all.Wait()
	})
	return l.Addr().String()
}

// TestTLSWithYourZooKeeper: zookeepers:// reaches a ZooKeeper behind TLS.
func TestTLSWithYourZooKeeper(t *testing.T) {
	a, other := newAuthority(t), newAuthority(t)
	a.servers()
	s := theirs(t, zookeeperProgram())
	at := tlsBefore(t, a, s.Address())
	login := zkUser + ":" + s.Password() + "@"
	for _, options := range []string{"?cacert=" + a.file("ca.pem"), "?skip_verify=true"} {
		count := 0
		counts(t, clientsWith(t, "zookeeper", 4, store.Traits{}, counter(&count), map[string]string{"zookeeper": "zookeepers://" + login + at + options}), &count)
	}
	for name, x := range map[string]struct{ address, want string }{
		"the system's certificates": {"zookeepers://" + login + at, "no TLS with ZooKeeper at " + at + ": x509: certificate signed by unknown authority; correct the certificates"},
		"another CA":                {"zookeepers://" + login + at + "?cacert=" + other.file("ca.pem"), "no TLS with ZooKeeper at " + at + ": x509: certificate signed by unknown authority"},
		"no TLS":                    {login + at, "gives no session within"},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		_, err := connectZK(ctx, x.address, 1)
		cancel()
		refused(t, name, err, x.want, s.Password())
	}
}
