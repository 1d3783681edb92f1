package system

import (
	"context"
	"encoding/json"
	"io"
	"mime"
	"mime/quotedprintable"
	"net"
	"net/http"
	"net/mail"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-smtp"
)

// Bounds of the embedded mail server.
const (
	maxMails    = 1000
	maxMailSize = 1 << 20
	mailTimeout = 10 * time.Second
)

// Mail is one that was caught.
type Mail struct {
	To      string    `json:"to"`
	Subject string    `json:"subject"`
	Text    string    `json:"text"`
	At      time.Time `json:"at"`
}

// Mails is a mail server that delivers to nobody and shows what it took.
type Mails struct {
	mu     sync.Mutex
	caught []Mail // oldest first
	down   bool

	server *smtp.Server
	addr   string
}

// startMail catches the shop's mails, unless SMTP_URL names a mail server.
func (s *System) startMail(ctx context.Context) error {
	if os.Getenv("SMTP_URL") != "" {
		return nil
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	m := &Mails{addr: listener.Addr().String()}
	m.server = smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &mailSession{mails: m}, nil }))
	m.server.Domain, m.server.MaxMessageBytes = "localhost", maxMailSize
	m.server.ReadTimeout, m.server.WriteTimeout = mailTimeout, mailTimeout
	go func() { _ = m.server.Serve(listener) }()
	s.later(m.server.Close)
	s.Mails = m
	s.Settings.Worker.Mailer.URL = "smtp://" + m.addr
	s.Settings.API.Dev = m
	return nil
}

// Refuse lets the server take no mail, or take them again.
func (m *Mails) Refuse(down bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.down = down
}

// All returns what was caught, newest first.
func (m *Mails) All() []Mail {
	m.mu.Lock()
	defer m.mu.Unlock()
	all := slices.Clone(m.caught)
	slices.Reverse(all)
	return all
}

// ServeHTTP answers GET /dev/mails.
func (m *Mails) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/dev/mails" || r.Method != http.MethodGet {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	all := m.All()
	if all == nil {
		all = []Mail{}
	}
	_ = json.NewEncoder(w).Encode(all)
}

// mailSession is one connection of a client.
type mailSession struct {
	mails *Mails
	to    string
}

// Mail begins a mail.
func (s *mailSession) Mail(string, *smtp.MailOptions) error {
	s.mails.mu.Lock()
	defer s.mails.mu.Unlock()
	if s.mails.down {
		return &smtp.SMTPError{Code: 421, EnhancedCode: smtp.EnhancedCode{4, 3, 2}, Message: "not now"}
	}
	return nil
}

// Rcpt takes every recipient.
func (s *mailSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to = to
	return nil
}

// Data reads a mail.
func (s *mailSession) Data(r io.Reader) error {
	message, err := mail.ReadMessage(r)
	if err != nil {
		return err
	}
	body := message.Body
	if message.Header.Get("Content-Transfer-Encoding") == "quoted-printable" {
		body = quotedprintable.NewReader(body)
	}
	text, err := io.ReadAll(io.LimitReader(body, maxMailSize))
	if err != nil {
		return err
	}
	subject, err := (&mime.WordDecoder{}).DecodeHeader(message.Header.Get("Subject"))
	if err != nil {
		return err
	}
	s.mails.mu.Lock()
	defer s.mails.mu.Unlock()
	s.mails.caught = append(s.mails.caught, Mail{To: s.to, Subject: subject, Text: strings.ReplaceAll(string(text), "\r\n",
		"\n"), At: time.Now()})
	if len(s.mails.caught) > maxMails {
		s.mails.caught = s.mails.caught[len(s.mails.caught)-maxMails:]
	}
	return nil
}

// Reset ends a mail.
func (s *mailSession) Reset() { s.to = "" }

// Logout ends the connection.
func (s *mailSession) Logout() error { return nil }
