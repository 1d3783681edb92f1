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
	"path"
	"strings"
)

//go:embed static
var embedded embed.FS

// Prefix is where the files are; the version that follows it changes with any of them, so that browsers may keep them for ever.
const Prefix = "/w/"

// Site serves the storefront.
type Site struct {
	cfg     Config
	files   fs.FS
	version string
	pages   map[string][]byte // by the module of their view
}

// New returns the storefront.
func New(cfg Config) (*Site, error) {
	files, err := fs.Sub(embedded, "static")
	if err != nil {
		return nil, err
	}
	s := &Site{cfg: cfg, files: files, pages: map[string][]byte{}}
	if s.version, err = s.digest(); err != nil {
		return nil, err
	}
	return s, s.renderPages()
}

// digest is one of all files and of the configuration, which stands in the pages.
func (s *Site) digest() (string, error) {
	sum := sha256.New()
	_, _ = fmt.Fprintf(sum, "%+v\n", s.cfg)
	err := fs.WalkDir(s.files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := fs.ReadFile(s.files, name)
		_, _ = fmt.Fprintf(sum, "%s %d\n", name, len(text))
		_, _ = sum.Write(text)
		return err
	})
	return hex.EncodeToString(sum.Sum(nil)[:8]), err
}

// renderPages renders the page once for each view: they differ in what the browser loads ahead.
func (s *Site) renderPages() error {
	page, err := template.ParseFS(s.files, "index.html")
	if err != nil {
		return err
	}
	for _, view := range views {
		modules, err := s.modules("app.js", view.module)
		if err != nil {
			return err
		}
		var out bytes.Buffer
		err = page.Execute(&out, map[string]any{"Files": Prefix + s.version, "Modules": modules, "Config": s.cfg})
		if err != nil {
			return err
		}
		s.pages[view.module] = out.Bytes()
	}
	return nil
}

// ServeHTTP serves a file below Prefix, and the page at every other path: which of its views is shown is the page's business.
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if name, below := strings.CutPrefix(r.URL.Path, Prefix); below {
		s.file(w, r, name)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", s.cfg.policy(r.URL.Path))
	if r.URL.Path != payWindowPath { // the gateway may open windows of its own, and speak with them
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
	}
	h.Set("Cache-Control", "no-cache")
	h.Set("ETag", `"`+s.version+`"`)
	if r.Header.Get("If-None-Match") == `"`+s.version+`"` {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	_, _ = w.Write(s.pages[viewOf(r.URL.Path)])
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
