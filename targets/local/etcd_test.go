//go:build unix

package local_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lastseat/lastseat/targets/local"
)

// certificatesOf are those that a throwaway etcd lets in, which lie in its folder.
func certificatesOf(t *testing.T, s *local.Server) *tls.Config {
	t.Helper()
	certificate := filepath.Join(s.Dir(), "cert.pem")
	pair, err := tls.LoadX509KeyPair(certificate, filepath.Join(s.Dir(), "key.pem"))
	if err != nil {
		t.Fatal(err)
	}
	pem, err := os.ReadFile(certificate)
	if err != nil {
		t.Fatal(err)
	}
	known := x509.NewCertPool()
	known.AppendCertsFromPEM(pem)
	return &tls.Config{Certificates: []tls.Certificate{pair}, RootCAs: known, MinVersion: tls.VersionTLS12}
}

// askEtcd asks for a path by HTTP.
func askEtcd(s *local.Server, path string, config *tls.Config) ([]byte, error) {
	transport := &http.Transport{TLSClientConfig: config}
	defer transport.CloseIdleConnections()
	scheme := "https://"
	if config == nil {
		scheme = "http://"
	}
	res, err := (&http.Client{Transport: transport, Timeout: 10 * time.Second}).Get(scheme + s.Address() + path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }()
	return io.ReadAll(res.Body)
}

// etcdRefuses: without a certificate, or with one of a stranger's, nothing is answered.
func etcdRefuses(t *testing.T, s *local.Server) {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "lastseat"}, NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	forged, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	known := certificatesOf(t, s)
	none, another := known.Clone(), known.Clone()
	none.Certificates, another.Certificates = nil, []tls.Certificate{{Certificate: [][]byte{forged}, PrivateKey: key}}
	for what, config := range map[string]*tls.Config{"no TLS": nil, "no certificate": none, "a stranger's certificate": another} {
		if answer, err := askEtcd(s, "/version", config); err == nil && !strings.Contains(string(answer), "HTTPS server") {
			t.Errorf("with %s it answers %q", what, answer)
		}
	}
}
