package lock

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"
	"google.golang.org/grpc/status"
)

var etcdForm = addressForm{
	schemes: []string{"http", "https"}, options: []string{"skip_verify", "cacert", "cert", "key"}, port: "2379",
	like: "https://user:password@host:2379,host:2379, or http:// where there is no TLS",
}

// etcdAddress is the cluster that an address names. As for etcdctl, each of several servers may have its scheme.
func etcdAddress(text string) (a address, config *tls.Config, err error) {
	text = strings.TrimSpace(text)
	if scheme, _, ok := strings.Cut(text, "://"); ok {
		text = strings.ReplaceAll(text, ","+scheme+"://", ",")
	}
	if a, err = etcdForm.parse(text); err != nil {
		return a, nil, err
	}
	switch {
	case strings.Trim(a.path, "/") != "":
		return a, nil, fmt.Errorf("nothing follows its hosts but options; write %s", etcdForm.like)
	case (a.user == "") != (a.password == ""):
		return a, nil, fmt.Errorf("a login is a user and a password; write %s", etcdForm.like)
	}
	config, err = a.tls(a.scheme == "https")
	return a, config, err
}

// connectEtcd looks whether the user's cluster would keep locks.
func connectEtcd(ctx context.Context, text string) (s *etcdServers, err error) {
	a, config, err := etcdAddress(text)
	if err != nil {
		return nil, err
	}
	scheme := "http://"
	if config != nil {
		scheme = "https://"
	}
	s = &etcdServers{address: text, where: strings.Join(a.hosts, ","), shortest: leaseUnit}
	ctx, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	if err := s.listens(ctx, a.hosts, config); err != nil {
		return nil, err
	}
	var endpoints []string
	for _, host := range a.hosts {
		endpoints = append(endpoints, scheme+host)
	}
	if s.client, err = newEtcdClient(endpoints, a.user, a.password, config); err == nil {
		err = s.mayLock(ctx)
	}
	if err != nil {
		return nil, errors.Join(s.refusal(err), s.close())
	}
	return s, nil
}

// listens reports whether anything answers at one of the hosts at least: the library tries for long, and does not say what it met.
func (s *etcdServers) listens(ctx context.Context, hosts []string, config *tls.Config) (err error) {
	for _, host := range hosts {
		d := &net.Dialer{Timeout: dialWithin}
		var conn net.Conn
		if conn, err = d.DialContext(ctx, "tcp", host); err != nil {
			err = fmt.Errorf("cannot reach etcd at %s: %w; start the server, or correct its URL", s.where, innermost(err))
			continue
		}
		if config != nil {
			c := config.Clone()
			c.ServerName, _, _ = net.SplitHostPort(host) // the hosts were read so
			if err = tls.Client(conn, c).HandshakeContext(ctx); err != nil {
				err = fmt.Errorf("no TLS with etcd at %s: %w; correct its certificates, or write http:// where it has no TLS", s.where, innermost(err))
			}
		}
		_ = conn.Close() // it has told what it was for
		if err == nil {
			return nil
		}
	}
	return err
}

// mayLock does what locks do, with a key of its own, and asks how short a lease may be.
func (s *etcdServers) mayLock(ctx context.Context) error {
	lease, err := s.client.Grant(ctx, 1)
	if err != nil {
		return err
	}
	s.shortest = time.Duration(lease.TTL) * leaseUnit
	key := newEtcdPrefix() + "probe"
	_, err = s.client.Txn(ctx).If(clientv3.Compare(clientv3.CreateRevision(key), "=", 0)).Then(clientv3.OpPut(key, "", clientv3.WithLease(lease.ID))).Else(clientv3.OpGet(key)).Commit()
	if err == nil {
		_, err = s.client.KeepAliveOnce(ctx, lease.ID)
	}
	if err == nil {
		_, err = s.client.Delete(ctx, key)
	}
	_, revoked := s.client.Revoke(ctx, lease.ID)
	return errors.Join(err, revoked)
}

// refusal is an error of the user's cluster in a sentence.
func (s *etcdServers) refusal(err error) error {
	inner := innermost(err)
	var answered rpctypes.EtcdError
	said := inner.Error()
	if st, ok := status.FromError(inner); ok {
		said = st.Message()
	}
	said = strings.TrimPrefix(said, "etcdserver: ")
	switch {
	case errors.Is(err, context.Canceled):
		return err
	case strings.Contains(said, "permission denied"):
		return fmt.Errorf("no right to keep locks in etcd at %s: %s; etcdctl role grant-permission ROLE --prefix=true readwrite lastseat/, or name another user", s.where, said)
	case strings.Contains(said, "authentication failed"), strings.Contains(said, "user name is empty"), strings.Contains(said, "authentication is not enabled"):
		return fmt.Errorf("etcd at %s refuses the user: %s; correct user and password in its URL", s.where, said)
	case errors.As(err, &answered):
		return fmt.Errorf("etcd at %s takes no locks: %s; mend the cluster, or name another in its URL", s.where, said)
	}
	return fmt.Errorf("what answers at %s does not answer as etcd does, or has no majority of its servers: %s; correct its URL (https:// where it has TLS, http:// where it has none), or mend the cluster", s.where, said)
}
