package mailer

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/mail"
	"strings"
	"testing"

	"github.com/emersion/go-smtp"

	"runrun/domain"
)

// server is a mail server that keeps what it takes.
type server struct {
	refuse, unknown error
	took            [][]byte
	to              []string
}

func (s *server) NewSession(*smtp.Conn) (smtp.Session, error) { return s, nil }
func (s *server) Mail(string, *smtp.MailOptions) error        { return s.refuse }
func (s *server) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to = append(s.to, to)
	return s.unknown
}

func (s *server) Data(r io.Reader) error {
	text, err := io.ReadAll(r)
	s.took = append(s.took, text)
	return err
}
func (s *server) Reset()        {}
func (s *server) Logout() error { return nil }

func start(t *testing.T, s *server) Config {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	smtpServer := smtp.NewServer(s)
	smtpServer.Domain = "localhost"
	go func() { _ = smtpServer.Serve(listener) }()
	t.Cleanup(func() { _ = smtpServer.Close() })
	return Config{URL: "smtp://" + listener.Addr().String(), From: "RUNRUN <no-reply@runrun.test>"}
}

var letter = domain.Mail{ID: "mal_1", To: "minji@example.com", Subject: "인증 코드", Text: "코드:\n\n123456\n"}

// A mail arrives with its words whole, and with an id of its own: sent twice it is one.
func TestAMailArrives(t *testing.T) {
	s := &server{}
	m := New(start(t, s))
	for range 2 {
		if err := m.Send(t.Context(), letter); err != nil {
			t.Fatal(err)
		}
	}
	if len(s.took) != 2 || s.to[0] != letter.To {
		t.Fatalf("%d mails to %v", len(s.took), s.to)
	}
	var ids []string
	for _, text := range s.took {
		got, err := mail.ReadMessage(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, got.Header.Get("Message-Id"))
	}
	if ids[0] != ids[1] || !strings.Contains(ids[0], "mal_1") {
		t.Errorf("the ids are %v", ids)
	}
}

func TestAMailThatIsNotTakenIsUnavailable(t *testing.T) {
	dead := start(t, &server{refuse: &smtp.SMTPError{Code: 421, Message: "not now"}})
	nobody := Config{URL: "smtp://127.0.0.1:1", From: dead.From}
	full := start(t, &server{unknown: &smtp.SMTPError{Code: 452, Message: "minji@example.com is full"}})
	unknown := start(t, &server{unknown: &smtp.SMTPError{Code: 550, Message: "no minji@example.com here"}})
	for name, c := range map[string]struct {
		cfg  Config
		want domain.Code
	}{
		"refused":      {dead, domain.CodeUnavailable},
		"nobody there": {nobody, domain.CodeUnavailable},
		"a full box":   {full, domain.CodeUnavailable},
		"no such box":  {unknown, domain.CodeValidation},
	} {
		err := New(c.cfg).Send(t.Context(), letter)
		if domain.CodeOf(err) != c.want || strings.Contains(err.Error(), "minji") {
			t.Errorf("%s: %v, want %s, and nothing of the recipient", name, err, c.want)
		}
	}
}

func TestConfigValidate(t *testing.T) {
	for url, ok := range map[string]bool{
		"smtp://mail:25": true, "smtps://u:p@mail": true, "smtp://u:p@mail:587": true, "": false, "mail:25": false, "http://mail": false, "smtp://": false,
	} {
		err := Config{URL: url, From: "a@b.example"}.Validate()
		if (err == nil) != ok {
			t.Errorf("%q: %v", url, err)
		}
	}
	if err := (Config{URL: "smtp://mail", From: "nobody"}).Validate(); err == nil || errors.Is(err, io.EOF) {
		t.Error("a sender without an address is accepted")
	}
}
