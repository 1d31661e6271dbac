package proxy

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/subtle"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"time"
)

// Account is what a program is let in with. It exists at proxies alone: no server knows it.
type Account struct {
	User, Password string
	TLS            *tls.Config // for programs that ask for it
	CA             []byte      // what a program has to trust to verify it: a certificate as PEM
}

// NewAccount makes an account with a password that nobody can guess, and a certificate of its own for this machine's names and for hosts.
func NewAccount(hosts ...string) (*Account, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make the proxy's certificate: %w", err)
	}
	from := time.Now().Add(-time.Hour)
	cert := &x509.Certificate{
		SerialNumber: big.NewInt(from.UnixNano()), Subject: pkix.Name{CommonName: "lastseat"}, NotBefore: from, NotAfter: from.AddDate(0, 1, 0),
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true, IsCA: true, DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
	}
	for _, host := range hosts {
		if ip := net.ParseIP(host); ip != nil {
			cert.IPAddresses = append(cert.IPAddresses, ip)
		} else if host != "" {
			cert.DNSNames = append(cert.DNSNames, host)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, cert, cert, &key.PublicKey, key)
	if err != nil {
		return nil, fmt.Errorf("make the proxy's certificate: %w", err)
	}
	return &Account{
		User: "lastseat", Password: rand.Text(), CA: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		TLS: &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}},
	}, nil
}

// Is reports whether a program has said who it is as it was told to.
func (a *Account) Is(user, password string) bool {
	return subtle.ConstantTimeCompare([]byte(user+"\x00"+password), []byte(a.User+"\x00"+a.Password)) == 1
}

// StrangerError says that a program said something other than what it was given.
type StrangerError struct{ User string }

func (e *StrangerError) Error() string {
	return fmt.Sprintf("the program logs in as %q, or with a password, other than the address that it was given has: it ignores a part of that", e.User)
}

// Encrypt begins TLS with a program that may name one of the protocols; where that fails, it answers the connection as it was.
func (a *Account) Encrypt(program net.Conn, protocols ...string) (net.Conn, error) {
	cfg := a.TLS.Clone()
	cfg.NextProtos = protocols
	c := tls.Server(program, cfg)
	if err := c.Handshake(); err != nil {
		return program, &TrustError{err}
	}
	return &encrypted{Conn: c}, nil
}

// TrustError says that a program does not go on with a certificate that it cannot verify.
type TrustError struct{ err error }

func (e *TrustError) Error() string {
	return fmt.Sprintf("the program does not trust the certificate of lastseat's proxy (%v): have it encrypt without verifying (sslmode=require, "+
		"ssl: {rejectUnauthorized: false}, tls=skip-verify) or not encrypt at all, or trust the file that {ca} stands for in env:", e.err)
}

// encrypted is a connection with TLS. Some programs verify only after the handshake, and end it then.
type encrypted struct {
	*tls.Conn
	heard bool
}

func (c *encrypted) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if c.heard = c.heard || n > 0; err != nil && !c.heard {
		var alert tls.AlertError
		if errors.Is(err, io.EOF) || errors.As(err, &alert) || isRemote(err) {
			return n, &TrustError{err}
		}
	}
	return n, err
}

// isRemote: the other side has sent an alert.
func isRemote(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "remote error"
}

// ElsewhereError says that a program wants to get to a database that is not its own.
type ElsewhereError struct{ Asked, Given string }

func (e *ElsewhereError) Error() string {
	return fmt.Sprintf("the program asks for the database %q and was given %q: it ignores a part of the address", e.Asked, e.Given)
}
