// Package web is the storefront: static files, embedded, that use the public API like any other client. There is no build step: browsers
// load the modules as they are. Start at static/app.js.
package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"html/template"
	"io/fs"
	"mime"
	"net/http"
	"net/url"
	"path"
	"strings"
)

//go:embed static
var embedded embed.FS

// Prefix is where the files are; the version that follows it changes with any of them, so that browsers may keep them for ever.
const Prefix = "/w/"

// Config is what the storefront's page is told.
type Config struct {
	// PayWindow is the address of the payment window, which a shopper is sent to. In development it is the gateway mock's.
	PayWindow string
}

// Site serves the storefront.
type Site struct {
	files   fs.FS
	version string
	page    []byte
	policy  string
}

// New returns the storefront.
func New(cfg Config) (*Site, error) {
	files, err := fs.Sub(embedded, "static")
	if err != nil {
		return nil, err
	}
	s := &Site{files: files}
	if s.version, err = versionOf(files); err != nil {
		return nil, err
	}
	text, err := fs.ReadFile(files, "index.html")
	if err != nil {
		return nil, err
	}
	page, err := template.New("index").Parse(string(text))
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = page.Execute(&out, map[string]string{"Files": Prefix + s.version, "PayWindow": cfg.PayWindow})
	s.page, s.policy = out.Bytes(), policy()
	return s, err
}

// versionOf is a digest of all files.
func versionOf(files fs.FS) (string, error) {
	sum := sha256.New()
	err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := fs.ReadFile(files, name)
		_, _ = fmt.Fprintf(sum, "%s %d\n", name, len(text))
		_, _ = sum.Write(text)
		return err
	})
	return hex.EncodeToString(sum.Sum(nil)[:8]), err
}

// policy lets the page load its own files and speak with its own API, and nothing else.
func policy() string {
	return "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; manifest-src 'self'; " +
		"base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'"
}

// ServeHTTP serves a file below Prefix, and the page at every other path: which of its views is shown is the page's business.
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if name, below := strings.CutPrefix(r.URL.Path, Prefix); below {
		s.file(w, r, name)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", s.policy)
	h.Set("Cache-Control", "no-cache")
	h.Set("ETag", `"`+s.version+`"`)
	if r.Header.Get("If-None-Match") == `"`+s.version+`"` {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	_, _ = w.Write(s.page)
}

// file serves a file. A page of another build asks for another version: it gets the file of this one, and does not keep it.
func (s *Site) file(w http.ResponseWriter, r *http.Request, name string) {
	version, name, _ := strings.Cut(name, "/")
	text, err := fs.ReadFile(s.files, path.Clean(name))
	if err != nil || name == "index.html" {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", mime.TypeByExtension(path.Ext(name)))
	h.Set("Cache-Control", "no-cache")
	if version == s.version {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	_, _ = w.Write(text) //nolint:gosec // a file of ours, by its own type
}

// Validate reports what is wrong with the configuration.
func (c Config) Validate() error {
	if u, err := url.Parse(c.PayWindow); c.PayWindow != "" && (err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https") {
		return fmt.Errorf("pay-window-url: %q is no address; want https://host/path", c.PayWindow)
	}
	return nil
}
