package lock

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/url"
	"path/filepath"
	"regexp"
	"syscall"
	"time"

	"github.com/lastseat/lastseat/targets/local"
)

// etcdProgram is a program of the machine's, and not the library go.etcd.io/etcd/server: what runs inside lastseat cannot be killed as a server
// is, and would make every lastseat larger for the sake of two rows.
func etcdProgram() local.Program {
	return local.Program{
		Name: "etcd", Title: "etcd", Files: []string{"etcd"}, Env: "LASTSEAT_ETCD", Account: "etcd",
		Hint: "no etcd found: ./scripts/servers installs it, or install Debian's etcd-server, or set LASTSEAT_ETCD to the etcd program",
		Version: func(output string) (title, version string) {
			return "etcd", local.Submatch(regexp.MustCompile(`etcd Version: (\S+)`), output)
		},
		Write:      etcdFiles,
		Initialise: func(_ local.Binary, l local.Layout) []string { return []string{"mkdir", "-m", "700", l.Data} },
		Command:    etcdCommand,
		Ready:      etcdReady,
		DSN:        func(l local.Layout) string { return fmt.Sprintf("https://127.0.0.1:%d", l.Port) },
		Shutdown:   syscall.SIGTERM,
		Quit:       syscall.SIGKILL,
	}
}

const etcdCertificate, etcdKey = "cert.pem", "key.pem"

// etcdIdentity is the one certificate of a throwaway server and of its clients, which signs itself, and its key. Both follow from the server's
// password: whoever does not know that is refused before the first question.
func etcdIdentity(password string) (certificate []byte, key ed25519.PrivateKey, err error) {
	seed := sha256.Sum256([]byte("etcd " + password))
	key = ed25519.NewKeyFromSeed(seed[:])
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "lastseat"},
		NotBefore: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2120, 1, 1, 0, 0, 0, 0, time.UTC),
		KeyUsage:    x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		IsCA:        true, BasicConstraintsValid: true, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	certificate, err = x509.CreateCertificate(nil, template, template, key.Public(), key)
	return certificate, key, err
}

// etcdTLS is how a client comes to a throwaway server.
func etcdTLS(password string) (*tls.Config, error) {
	der, key, err := etcdIdentity(password)
	if err != nil {
		return nil, err
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	known := x509.NewCertPool()
	known.AddCert(certificate)
	return &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: known, Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}, nil
}

// etcdFilesAddress is where a throwaway server is for other processes of this machine: its files say who may come.
func etcdFilesAddress(s *local.Server) string {
	certificate := filepath.Join(s.Dir(), etcdCertificate)
	files := url.Values{"cacert": {certificate}, "cert": {certificate}, "key": {filepath.Join(s.Dir(), etcdKey)}}
	return s.DSN() + "?" + files.Encode()
}

func etcdFiles(l local.Layout) []local.File {
	der, key, err := etcdIdentity(l.Password)
	if err != nil {
		return nil // the server says that it finds no certificate
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil // as above
	}
	return []local.File{
		{Name: etcdCertificate, Content: string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))},
		{Name: etcdKey, Content: string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}))},
	}
}

// etcdCommand serves alone, with short elections: the shortest lease is one and a half of them, in whole seconds.
func etcdCommand(b local.Binary, l local.Layout) []string {
	at, certificate, key := fmt.Sprintf("https://127.0.0.1:%d", l.Port), l.Path(etcdCertificate), l.Path(etcdKey)
	const nobody = "https://127.0.0.1:0" // there are no peers
	argv := []string{
		b.Path, "--name", "lastseat", "--data-dir", l.Data, "--heartbeat-interval", "50", "--election-timeout", "500", "--log-level", "error",
		"--listen-client-urls", at, "--advertise-client-urls", at, "--cert-file", certificate, "--key-file", key, "--client-cert-auth", "--trusted-ca-file", certificate,
		"--listen-peer-urls", nobody, "--initial-advertise-peer-urls", nobody, "--initial-cluster", "lastseat=" + nobody,
		"--peer-cert-file", certificate, "--peer-key-file", key, "--peer-client-cert-auth", "--peer-trusted-ca-file", certificate,
	}
	if l.Volatile {
		argv = append(argv, "--unsafe-no-fsync")
	}
	return append(argv, l.ExtraArgs...)
}

// etcdReady asks a question that is answered once there is a leader. Its certificate says that no stranger answers.
func etcdReady(ctx context.Context, l local.Layout, _ int) bool {
	conn, err := local.Greet(ctx, l) // asked first, since the library waits longer
	if err != nil {
		return false
	}
	_ = conn.Close() // it has told what it was for
	config, err := etcdTLS(l.Password)
	if err != nil {
		return false
	}
	client, err := newEtcdClient([]string{fmt.Sprintf("https://127.0.0.1:%d", l.Port)}, "", "", config)
	if err != nil {
		return false
	}
	defer func() { _ = client.Close() }()
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	_, err = client.Get(ctx, "lastseat")
	return err == nil
}
