package lock

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
)

// tls is what the options cacert, cert, key and skip_verify of an address ask for; nil: no TLS.
func (a *address) tls(wanted bool) (*tls.Config, error) {
	ca, cert, key := a.options.Get("cacert"), a.options.Get("cert"), a.options.Get("key")
	skip := a.options.Get("skip_verify")
	switch {
	case !wanted && (ca+cert+key+skip) != "":
		return nil, errors.New("cacert, cert, key and skip_verify are about TLS, and it asks for none")
	case !wanted:
		return nil, nil
	case skip != "" && skip != "true" && skip != "false":
		return nil, errors.New("skip_verify is true or false")
	case (cert == "") != (key == ""):
		return nil, errors.New("cert and key go together: the files of a client's certificate and of its key")
	}
	c := &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: skip == "true"} //nolint:gosec // where its user asks for it
	if ca != "" {
		pem, err := os.ReadFile(ca)
		if err != nil {
			return nil, fmt.Errorf("cacert: %w", errors.Unwrap(err))
		}
		if c.RootCAs = x509.NewCertPool(); !c.RootCAs.AppendCertsFromPEM(pem) {
			return nil, errors.New("cacert names a file that holds no certificate in PEM")
		}
	}
	if cert != "" {
		pair, err := tls.LoadX509KeyPair(cert, key)
		if err != nil {
			return nil, errors.New("cert and key name no files of a certificate and of its key in PEM")
		}
		c.Certificates = []tls.Certificate{pair}
	}
	return c, nil
}
