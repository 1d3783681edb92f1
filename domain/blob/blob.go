// Package blob keeps images: in a folder, or in a bucket that several processes share.
package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"

	"gocloud.dev/blob"
	"gocloud.dev/blob/fileblob"
	_ "gocloud.dev/blob/s3blob" // s3:// URLs
	"gocloud.dev/gcerrors"

	"runrun/domain"
)

// Config says where images are kept.
type Config struct {
	URL string `name:"blob-url" env:"BLOB_URL" default:".data/images" help:"Where images are kept: a folder, or s3://BUCKET?region=… for several API processes."`
}

// timeout bounds one image.
const timeout = 20 * time.Second

// Validate reports what is wrong with the configuration.
func (c Config) Validate() error {
	scheme, _, isURL := strings.Cut(c.URL, "://")
	if c.URL == "" || isURL && scheme != "s3" {
		return fmt.Errorf("blob-url: want a folder or s3://BUCKET, not %q", c.URL)
	}
	if _, err := url.Parse(c.URL); isURL && err != nil {
		return errors.New("blob-url: this is no URL")
	}
	return nil
}

// Images keeps images. It is safe for concurrent use.
type Images struct{ bucket *blob.Bucket }

// Open opens the folder, which it makes, or the bucket.
func Open(ctx context.Context, cfg Config) (*Images, error) {
	if strings.Contains(cfg.URL, "://") {
		bucket, err := blob.OpenBucket(ctx, cfg.URL)
		return &Images{bucket}, err
	}
	bucket, err := fileblob.OpenBucket(cfg.URL, &fileblob.Options{
		CreateDir: true, DirFileMode: 0o700, Metadata: fileblob.MetadataDontWrite, NoTempDir: true,
	})
	return &Images{bucket}, err
}

// Close ends the connections.
func (i *Images) Close() error { return i.bucket.Close() }

// Put keeps an image under its id, which is new.
// Errors: Unavailable.
func (i *Images) Put(ctx context.Context, id domain.ImageID, jpeg []byte) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	return classify(i.bucket.WriteAll(ctx, key(id), jpeg, &blob.WriterOptions{ContentType: "image/jpeg"}))
}

// Get opens an image; the caller closes it.
// Errors: NotFound; Unavailable.
func (i *Images) Get(ctx context.Context, id domain.ImageID) (io.ReadCloser, error) {
	r, err := i.bucket.NewReader(ctx, key(id), nil)
	return r, classify(err)
}

// Delete removes an image; one that is gone is no error.
// Errors: Unavailable.
func (i *Images) Delete(ctx context.Context, id domain.ImageID) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	err := i.bucket.Delete(ctx, key(id))
	if gcerrors.Code(err) == gcerrors.NotFound {
		return nil
	}
	return classify(err)
}

func key(id domain.ImageID) string { return string(id) + ".jpg" }

func classify(err error) error {
	switch {
	case err == nil:
		return nil
	case gcerrors.Code(err) == gcerrors.NotFound:
		return domain.Errorf(domain.CodeNotFound, "there is no such image")
	}
	return domain.Wrap(domain.CodeUnavailable, err, "the images cannot be reached")
}
