package redis_test

import (
	"crypto/tls"
	"errors"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"

	"runrun/domain/redis"
)

// With TLS the client checks the server's certificate, which here is nobody's; without, it does not understand the server.
func TestTLS(t *testing.T) {
	certified := httptest.NewTLSServer(nil)
	t.Cleanup(certified.Close)
	server, err := miniredis.RunTLS(&tls.Config{Certificates: certified.TLS.Certificates, MinVersion: tls.VersionTLS12})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	for _, secure := range []bool{true, false} {
		client, err := redis.Connect(redis.Config{
			Addr: server.Addr(), TLS: secure, Limit: 5 * time.Second, GateLimit: time.Second, Connections: 10,
		})
		if err != nil {
			t.Fatal(err)
		}
		err = redis.Ping(t.Context(), client)
		var unknown *tls.CertificateVerificationError
		if err == nil || errors.As(err, &unknown) != secure {
			t.Errorf("TLS %t: %v", secure, err)
		}
		if err := client.Close(); err != nil {
			t.Error(err)
		}
	}
}

// A password that the server wants is sent, and no other is.
func TestPassword(t *testing.T) {
	server := miniredis.RunT(t)
	server.RequireAuth("secret")
	for password, ok := range map[string]bool{"secret": true, "": false} {
		client, err := redis.Connect(redis.Config{
			Addr: server.Addr(), Password: password, Limit: time.Second, GateLimit: time.Second, Connections: 10,
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := redis.Ping(t.Context(), client); (err == nil) != ok {
			t.Errorf("with the password %q: %v", password, err)
		}
		if err := client.Close(); err != nil {
			t.Error(err)
		}
	}
}
