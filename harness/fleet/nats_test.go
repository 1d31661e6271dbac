package fleet_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nkeys"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/engine"
	"github.com/lastseat/lastseat/harness/fleet"
)

// serve starts a NATS server as a user may have configured it.
func serve(t *testing.T, change func(o *server.Options)) *server.Server {
	t.Helper()
	o := &server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, JetStream: true, StoreDir: t.TempDir(), NoLog: true, NoSigs: true}
	if change != nil {
		change(o)
	}
	s, err := server.NewServer(o)
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
	if !s.ReadyForConnections(time.Minute) {
		t.Fatal("NATS does not start")
	}
	return s
}

// at is a server's URL with a user and password, or a token, in it.
func at(s *server.Server, scheme, user string) string {
	return fmt.Sprintf("%s://%s%s", scheme, user, s.Addr())
}

// joins has a coordinator and a worker meet at these servers, or says why they do not.
func joins(t *testing.T, a fleet.Access) error {
	t.Helper()
	conn, err := fleet.Connect(a)
	if err != nil {
		return err
	}
	defer conn.Close()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ended := make(chan error, 1)
	gather, stop := context.WithCancel(t.Context())
	defer stop()
	go func() {
		defer stop() // nobody is to wait for it
		ended <- fleet.Work(ctx, conn, func(context.Context, json.RawMessage, int, func() error) (fleet.Attached, error) {
			return fleet.Attached{}, nil
		}, fleet.WorkerOptions{})
	}()
	f, err := fleet.Gather(gather, conn, fleet.Options{Workers: 1, Within: time.Minute})
	if err != nil {
		cancel()
		if own := <-ended; !errors.Is(own, context.Canceled) {
			err = errors.Join(err, own)
		}
		return err
	}
	return errors.Join(f.Close(), <-ended)
}

// certificate is one for the loopback that signs itself, and the file that it is in.
func certificate(t *testing.T) (own tls.Certificate, file string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	file = filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, file
}

// keys are a new pair with its public one.
func keys(t *testing.T, create func() (nkeys.KeyPair, error)) (nkeys.KeyPair, string) {
	t.Helper()
	k, err := create()
	if err != nil {
		t.Fatal(err)
	}
	public, err := k.PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	return k, public
}

// operated is a server whose accounts and users are signed (JWT), and a file of credentials for a user of it.
func operated(t *testing.T) (s *server.Server, creds string) {
	t.Helper()
	operator, operatorKey := keys(t, nkeys.CreateOperator)
	_, systemKey := keys(t, nkeys.CreateAccount)
	account, accountKey := keys(t, nkeys.CreateAccount)
	user, userKey := keys(t, nkeys.CreateUser)
	must := func(text string, err error) string {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	resolver := &server.MemAccResolver{}
	for _, key := range []string{systemKey, accountKey} {
		claims := jwt.NewAccountClaims(key)
		if key == accountKey {
			claims.Limits.JetStreamLimits = jwt.JetStreamLimits{MemoryStorage: jwt.NoLimit, DiskStorage: jwt.NoLimit, Streams: jwt.NoLimit, Consumer: jwt.NoLimit}
		}
		if err := resolver.Store(key, must(claims.Encode(operator))); err != nil {
			t.Fatal(err)
		}
	}
	s = serve(t, func(o *server.Options) {
		claims := jwt.NewOperatorClaims(operatorKey)
		claims.SystemAccount = systemKey
		if _, err := claims.Encode(operator); err != nil {
			t.Fatal(err)
		}
		o.TrustedOperators, o.SystemAccount, o.AccountResolver = []*jwt.OperatorClaims{claims}, systemKey, resolver
	})
	seed, err := user.Seed()
	if err != nil {
		t.Fatal(err)
	}
	text, err := jwt.FormatUserConfig(must(jwt.NewUserClaims(userKey).Encode(account)), seed)
	if err != nil {
		t.Fatal(err)
	}
	creds = filepath.Join(t.TempDir(), "user.creds")
	if err := os.WriteFile(creds, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return s, creds
}

// TestOwnNATS: a server of the user's lets in who has what it asks for, and who has not is told in one sentence what is missing.
func TestOwnNATS(t *testing.T) {
	t.Parallel()
	password := serve(t, func(o *server.Options) { o.Username, o.Password = "shop", "secret" })
	token := serve(t, func(o *server.Options) { o.Authorization = "t0ken" })
	own, ca := certificate(t)
	_, anotherCA := certificate(t)
	secure := serve(t, func(o *server.Options) { o.TLS, o.TLSConfig = true, &tls.Config{Certificates: []tls.Certificate{own}} })
	signed, creds := operated(t)
	_, foreign := operated(t)
	plain := serve(t, func(o *server.Options) { o.JetStream = false })
	user := func(deny string) *server.Server {
		return serve(t, func(o *server.Options) {
			all := &server.SubjectPermission{Allow: []string{">"}, Deny: []string{deny}}
			o.Users = []*server.User{{Username: "shop", Password: "secret", Permissions: &server.Permissions{Publish: all, Subscribe: all}}}
		})
	}
	rights := "allow it to publish and subscribe to lastseat.>, _INBOX.> and $JS.>"
	for name, c := range map[string]struct {
		access fleet.Access
		want   string
	}{
		"password":          {fleet.Access{URL: at(password, "nats", "shop:secret@")}, ""},
		"a wrong password":  {fleet.Access{URL: at(password, "nats", "shop:guess@")}, "NATS does not let lastseat in: nats: Authorization Violation; give user and password"},
		"no password":       {fleet.Access{URL: at(password, "nats", "")}, "NATS does not let lastseat in"},
		"token":             {fleet.Access{URL: at(token, "nats", "t0ken@")}, ""},
		"a wrong token":     {fleet.Access{URL: at(token, "nats", "guess@")}, "NATS does not let lastseat in"},
		"TLS":               {fleet.Access{URL: at(secure, "tls", ""), CA: ca}, ""},
		"TLS by itself":     {fleet.Access{URL: at(secure, "nats", ""), CA: ca}, ""},
		"an unknown signer": {fleet.Access{URL: at(secure, "tls", "")}, "is not trusted"},
		"another signer":    {fleet.Access{URL: at(secure, "tls", ""), CA: anotherCA}, "(--nats-ca)"},
		"no TLS":            {fleet.Access{URL: at(token, "tls", "t0ken@")}, "this NATS server has no TLS"},
		"credentials":       {fleet.Access{URL: at(signed, "nats", ""), Creds: creds}, ""},
		"no credentials":    {fleet.Access{URL: at(signed, "nats", "")}, "a file with --nats-creds"},
		"foreign ones":      {fleet.Access{URL: at(signed, "nats", ""), Creds: foreign}, "NATS does not let lastseat in"},
		"no such file":      {fleet.Access{URL: at(signed, "nats", ""), Creds: creds + ".bak"}, "credentials for NATS: stat"},
		"nobody there":      {fleet.Access{URL: "nats://127.0.0.1:1"}, "cannot reach NATS: nats: no servers available"},
		"no JetStream":      {fleet.Access{URL: at(plain, "nats", "")}, "start it with -js, or enable JetStream for the account"},
		"no right to keep":  {fleet.Access{URL: at(user("$JS.API.STREAM.CREATE.>"), "nats", "shop:secret@")}, rights},
		"nor to listen":     {fleet.Access{URL: at(user("lastseat.worker.>"), "nats", "shop:secret@")}, rights},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := joins(t, c.access)
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("%v, want %q", err, c.want)
			}
			if err != nil && (strings.Contains(err.Error(), "secret@") || strings.Contains(err.Error(), "t0ken")) {
				t.Errorf("the password is shown: %v", err)
			}
		})
	}
}

// cluster is three NATS servers that know each other.
func cluster(t *testing.T) (all []*server.Server, url string) {
	t.Helper()
	var routes, urls []string
	var ports []int
	var drawn []net.Listener
	for range 3 {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		drawn = append(drawn, l)
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
		routes = append(routes, fmt.Sprintf("nats://127.0.0.1:%d", ports[len(ports)-1]))
	}
	for _, l := range drawn {
		_ = l.Close()
	}
	for i, port := range ports {
		s := serve(t, func(o *server.Options) {
			o.ServerName, o.Routes = fmt.Sprintf("n%d", i+1), server.RoutesFromStr(strings.Join(routes, ","))
			o.Cluster = server.ClusterOpts{Name: "shop", Host: "127.0.0.1", Port: port}
		})
		all, urls = append(all, s), append(urls, s.ClientURL())
	}
	for until := time.Now().Add(2 * time.Minute); ; time.Sleep(50 * time.Millisecond) {
		for _, s := range all {
			if s.JetStreamIsLeader() && len(s.JetStreamClusterPeers()) == len(all) {
				return all, strings.Join(urls, ",")
			}
		}
		if time.Now().After(until) {
			t.Fatal("the servers do not find each other")
		}
	}
}

// TestAServerOfTheClusterDies: in the middle of a row the server dies that leads the run's stream. Nobody is lost, no record is.
func TestAServerOfTheClusterDies(t *testing.T) {
	t.Parallel()
	servers, url := cluster(t)
	s := stageAt(t, fleet.Access{URL: url}, 2)
	s.lost = time.Minute
	f := s.gather(2)
	conn := s.connect()
	defer conn.Close()
	js, err := jetstream.New(conn)
	if err != nil {
		t.Fatal(err)
	}
	rep, err := s.during(s.vouched(f, "mutex"), func() {
		for info := range js.ListStreams(t.Context()).Info() {
			if info.Config.Replicas != 3 {
				t.Errorf("the stream is kept by %d servers", info.Config.Replicas)
			}
			for _, n := range servers {
				if n.Name() == info.Cluster.Leader {
					n.Shutdown()
				}
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	running := 0
	for _, n := range servers {
		if n.Running() {
			running++
		}
	}
	if running != 2 || rep.Verdict != harness.Safe || int64(rep.History.Len()) != rep.Accounting.Processed() {
		t.Errorf("%d servers run; %s: %s; %d of %d operations are recorded", running, rep.Verdict, rep.Reason, rep.History.Len(), rep.Accounting.Processed())
	}
	for _, w := range rep.Workers {
		if w.Lost != "" {
			t.Errorf("%+v", w)
		}
	}
	next := config()
	next.Ops = 2000
	if rep, err := engine.Run(t.Context(), s.vouched(f, "naive"), next); err != nil || rep.Verdict != harness.Unsafe || len(rep.Workers) != 2 {
		t.Errorf("the next row: %v, %+v", err, rep)
	}
}
