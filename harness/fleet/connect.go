package fleet

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net/url"
	"os"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

// Access is how to reach NATS.
type Access struct {
	URL   string // nats://host:4222, tls://…; several with commas. It may hold a password
	Creds string // file of credentials; empty: none
	CA    string // file of certificates that servers' are signed with; empty: the system's
	Token string // empty: none
}

// Connect connects to NATS. The connection comes back by itself when it breaks; who is silent for too long meanwhile is lost all the same.
func Connect(a Access) (*nats.Conn, error) {
	options := []nats.Option{
		nats.Name("lastseat"), nats.Timeout(5 * time.Second), nats.MaxReconnects(-1), nats.ReconnectWait(200 * time.Millisecond),
		nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {}), // see refused; nothing is printed
		nats.ReconnectBufSize(-1), // what cannot be sent is said at once: records wait in the spool
	}
	if a.Creds != "" {
		if _, err := os.Stat(a.Creds); err != nil {
			return nil, fmt.Errorf("credentials for NATS: %w", err)
		}
		options = append(options, nats.UserCredentials(a.Creds))
	}
	if a.CA != "" {
		options = append(options, nats.RootCAs(a.CA))
	}
	if a.Token != "" {
		options = append(options, nats.Token(a.Token))
	}
	conn, err := nats.Connect(a.URL, options...)
	if err != nil {
		return nil, unconnected(err)
	}
	return conn, nil
}

// unconnected says why there is no connection, and what to do.
func unconnected(err error) error {
	var quoted *url.Error
	if errors.As(err, &quoted) { // it repeats the URL
		err = quoted.Err
	}
	var unknown x509.UnknownAuthorityError
	var host x509.HostnameError
	switch {
	case errors.Is(err, nats.ErrAuthorization), errors.Is(err, nats.ErrAuthExpired), errors.Is(err, nats.ErrAuthRevoked), errors.Is(err, nats.ErrNkeysNotSupported):
		return fmt.Errorf("NATS does not let lastseat in: %w; give user and password or a token in the URL (nats://user:password@host:4222), or a file with --nats-creds", err)
	case errors.As(err, &unknown):
		return fmt.Errorf("the certificate of the NATS server is not trusted: %w; name the file of those that it is signed with (--nats-ca)", err)
	case errors.As(err, &host):
		return fmt.Errorf("the certificate of the NATS server is another host's: %w; use a name that it has in the URL", err)
	case errors.Is(err, nats.ErrSecureConnRequired):
		return fmt.Errorf("NATS asks for TLS: %w; begin the URL with tls://", err)
	case errors.Is(err, nats.ErrSecureConnWanted):
		return fmt.Errorf("this NATS server has no TLS: %w; begin the URL with nats://", err)
	}
	return fmt.Errorf("cannot reach NATS: %w; start the server, or correct its URL and credentials", err)
}

// refused is what the user of the connection was not allowed to do; nil: all so far. NATS says so some time after it was asked.
func refused(conn *nats.Conn) error {
	if err := conn.LastError(); err != nil && errors.Is(err, nats.ErrPermissionViolation) {
		return fmt.Errorf("the user of NATS may not do what lastseat needs: %w; allow it to publish and subscribe to lastseat.>, _INBOX.> and $JS.>", err)
	}
	return nil
}

// Embedded is a NATS server in this process, for workers of this machine.
type Embedded struct {
	server *server.Server
	Access Access
}

// Embed starts a NATS server on this machine's loopback, which lets in whoever knows its token. What it keeps is in a folder that the caller
// removes once it is closed.
func Embed(token, dir string) (*Embedded, error) {
	s, err := server.NewServer(&server.Options{
		Host: "127.0.0.1", Port: server.RANDOM_PORT, Authorization: token, JetStream: true, StoreDir: dir, NoLog: true, NoSigs: true,
		JetStreamMaxMemory: 64 << 20, JetStreamMaxStore: 1 << 40,
	})
	if err == nil {
		s.Start()
		if !s.ReadyForConnections(20 * time.Second) {
			s.Shutdown()
			err = errors.New("it was not ready within 20s")
		}
	}
	if err != nil {
		return nil, fmt.Errorf("start NATS in this process: %w", err)
	}
	return &Embedded{s, Access{URL: s.ClientURL(), Token: token}}, nil
}

// Close stops the server.
func (e *Embedded) Close() {
	e.server.Shutdown()
	e.server.WaitForShutdown()
}
