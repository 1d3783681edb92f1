package blob

import (
	"io"
	"testing"

	"runrun/domain"
)

func TestImagesAreKeptShownAndRemoved(t *testing.T) {
	images, err := Open(t.Context(), Config{URL: t.TempDir() + "/new/folder"})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = images.Close() }()
	if err := images.Put(t.Context(), "img_1", []byte("jpeg")); err != nil {
		t.Fatal(err)
	}
	r, err := images.Get(t.Context(), "img_1")
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(r)
	if _ = r.Close(); err != nil || string(text) != "jpeg" {
		t.Errorf("%q, %v", text, err)
	}
	for range 2 { // twice is once
		if err := images.Delete(t.Context(), "img_1"); err != nil {
			t.Error(err)
		}
	}
	if _, err := images.Get(t.Context(), "img_1"); domain.CodeOf(err) != domain.CodeNotFound {
		t.Errorf("a removed one: %v, want NOT_FOUND", err)
	}
}

func TestConfigValidate(t *testing.T) {
	for url, ok := range map[string]bool{
		".data/images": true, "/data": true, "s3://bucket?region=ap-northeast-2": true, "": false, "ftp://host": false, "https://host/x": false,
	} {
		if err := (Config{URL: url}).Validate(); (err == nil) != ok {
			t.Errorf("%q: %v", url, err)
		}
	}
}
