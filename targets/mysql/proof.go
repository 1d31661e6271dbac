package mysql

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1" //nolint:gosec // the protocol has it so
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"

	"filippo.io/edwards25519"
)

// Plugins by which clients prove who they are.
const (
	nativePassword = "mysql_native_password"
	cachingSHA2    = "caching_sha2_password"
	clientEd25519  = "client_ed25519" // MariaDB's
)

// scrambleOf is the scramble that a server sent for a plugin: a zero ends it, but not that of ed25519, which may itself end in one.
func scrambleOf(plugin string, sent []byte) []byte {
	if plugin == clientEd25519 {
		return sent
	}
	return bytes.TrimSuffix(sent, []byte{0})
}

// prove is a client's answer to a scramble.
func prove(plugin, password string, scramble []byte) ([]byte, error) {
	switch {
	case plugin != nativePassword && plugin != cachingSHA2 && plugin != clientEd25519:
		return nil, fmt.Errorf("the server asks for %s, and the proxy knows %s, %s and ed25519", plugin, cachingSHA2, nativePassword)
	case password == "":
		return nil, nil
	case plugin == nativePassword:
		return nativeProof(password, scramble), nil
	case plugin == cachingSHA2:
		return sha2Proof(password, scramble), nil
	}
	return ed25519Proof(password, scramble)
}

// nativeProof is SHA1(password) xor SHA1(scramble, SHA1(SHA1(password))).
func nativeProof(password string, scramble []byte) []byte {
	one := sha1.Sum([]byte(password)) //nolint:gosec // as above
	two := sha1.Sum(one[:])           //nolint:gosec // as above
	mask := sha1.Sum(append(append([]byte{}, scramble...), two[:]...))
	subtle.XORBytes(one[:], one[:], mask[:])
	return one[:]
}

// sha2Proof is SHA256(password) xor SHA256(SHA256(SHA256(password)), scramble).
func sha2Proof(password string, scramble []byte) []byte {
	one := sha256.Sum256([]byte(password))
	two := sha256.Sum256(one[:])
	three := sha256.Sum256(append(two[:], scramble...))
	subtle.XORBytes(one[:], one[:], three[:])
	return one[:]
}

// ed25519Proof signs the scramble (RFC 8032) with a key that the password gives: it is longer than the key that Go's own would take.
func ed25519Proof(password string, scramble []byte) ([]byte, error) {
	h := sha512.Sum512([]byte(password))
	s, err := edwards25519.NewScalar().SetBytesWithClamping(h[:32])
	if err != nil {
		return nil, err
	}
	public := (&edwards25519.Point{}).ScalarBaseMult(s).Bytes()
	scalar := func(parts ...[]byte) (*edwards25519.Scalar, error) {
		sum := sha512.New()
		for _, p := range parts {
			sum.Write(p)
		}
		return edwards25519.NewScalar().SetUniformBytes(sum.Sum(nil))
	}
	r, err := scalar(h[32:], scramble)
	if err != nil {
		return nil, err
	}
	point := (&edwards25519.Point{}).ScalarBaseMult(r).Bytes()
	k, err := scalar(point, public, scramble)
	if err != nil {
		return nil, err
	}
	return append(point, k.MultiplyAdd(k, s, r).Bytes()...), nil
}

// encrypted is a password for who has the key, hidden by the scramble before (caching_sha2_password's full authentication).
func encrypted(password string, scramble, key []byte) ([]byte, error) {
	block, _ := pem.Decode(key)
	if block == nil {
		return nil, errors.New("the server's public key cannot be read")
	}
	public, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("the server's public key cannot be read: %w", err)
	}
	rsaKey, ok := public.(*rsa.PublicKey)
	if !ok {
		return nil, errors.New("the server's public key is not one of RSA")
	}
	plain := append([]byte(password), 0)
	for i := range plain {
		plain[i] ^= scramble[i%scrambleSize]
	}
	return rsa.EncryptOAEP(sha1.New(), rand.Reader, rsaKey, plain, nil)
}
